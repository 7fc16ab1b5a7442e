package io.javisor.devices.virtio.vsock;

import io.javisor.core.host.Errno;
import io.javisor.core.host.Libc;
import io.javisor.core.memory.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A host's side in memory, which holds the device to its rules: what it does at the wrong time is a failure. */
final class MemoryHost implements VsockHost {
    /** A stream whose content is a sequence of numbers, so that each byte says which one it is. */
    final class MemoryStream implements VsockStream {
        private VsockStream.@Nullable Listener listener;
        int bufferBytes;
        int input; // that is there
        private long given;
        boolean inputEnds;
        boolean gone;
        int waiting;
        int takes = Integer.MAX_VALUE; // of the next write at once
        private boolean awaited;
        private boolean outputEnded;
        private boolean inputEnded;
        boolean finished;

        private void requireOpen() {
            if (finished || listener == null) {
                throw new AssertionError("a stream that is not in use");
            }
        }

        @Override
        public void attach(VsockStream.Listener newListener, int newBufferBytes) {
            listener = newListener;
            bufferBytes = newBufferBytes;
        }

        @Override
        public void accepted(int hostPort) {
            requireOpen();
        }

        @Override
        public long read(MemoryLease room) {
            requireOpen();
            if (inputEnded || room.sizeBytes() == 0) {
                throw new AssertionError("read in vain");
            }
            if (input == 0) {
                return inputEnds ? 0 : -Errno.EAGAIN;
            }
            int count = (int) Math.min(input, room.sizeBytes());
            for (int i = 0, done = 0; done < count; i++) {
                MemorySegment piece = Libc.segmentAt(room.pieceHva(i), room.pieceSizeBytes(i));
                for (int at = 0; at < piece.byteSize() && done < count; at++, done++) {
                    piece.set(ValueLayout.JAVA_BYTE, at, (byte) given++);
                }
            }
            input -= count;
            return count;
        }

        @Override
        public void awaitInput() {
            requireOpen();
            awaited = true;
        }

        @Override
        public long write(MemoryLease data) {
            requireOpen();
            if (outputEnded || data.sizeBytes() == 0) {
                throw new AssertionError("written after the end");
            }
            written += data.sizeBytes();
            if (gone) {
                return -Errno.EPIPE;
            }
            int left = waiting > 0 ? 0 : (int) Math.min(takes, data.sizeBytes());
            waiting += (int) (data.sizeBytes() - left);
            if (waiting > bufferBytes) {
                throw new AssertionError(waiting + " bytes wait in " + bufferBytes);
            }
            return left;
        }

        @Override
        public void endOutput() {
            requireOpen();
            outputEnded = true;
        }

        @Override
        public void endInput() {
            requireOpen();
            inputEnded = true;
            awaited = false;
        }

        @Override
        public void finish() {
            requireOpen();
            finished = true;
            listener = null;
        }

        void tellReadable() {
            VsockStream.Listener told = listener;
            if (awaited && told != null && (input > 0 || inputEnds)) {
                awaited = false;
                told.readable();
            }
        }

        void tellWritten(int count) {
            VsockStream.Listener told = listener;
            int now = Math.min(count, waiting);
            if (told != null && now > 0) {
                waiting -= now;
                told.written(now);
            }
        }

        void tellGone() {
            VsockStream.Listener told = listener;
            inputEnds = true;
            if (told != null && !gone) {
                gone = true;
                told.hungUp();
            }
        }
    }

    final List<MemoryStream> streams = new ArrayList<>();
    boolean refuses;
    long written;
    private VsockHost.@Nullable Listener listener;

    @Override
    public void attach(VsockHost.Listener newListener) {
        listener = newListener;
    }

    @Override
    public void detach() {
        listener = null;
    }

    @Override
    public @Nullable VsockStream connect(int hostPort) {
        if (refuses) {
            return null;
        }
        MemoryStream stream = new MemoryStream();
        streams.add(stream);
        return stream;
    }

    /** A program of the host's asks; false if it was sent away. */
    boolean ask(int guestPort) {
        VsockHost.Listener told = listener;
        MemoryStream stream = new MemoryStream();
        if (told == null || !told.connect(stream, guestPort)) {
            return false;
        }
        streams.add(stream);
        return true;
    }

    @Nullable
    MemoryStream any(int choice) {
        List<MemoryStream> open =
                streams.stream().filter(stream -> !stream.finished).toList();
        return open.isEmpty() ? null : open.get(choice % open.size());
    }
}
