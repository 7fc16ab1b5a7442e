package io.javisor.devices.virtio.net.backend;

import static io.javisor.devices.virtio.net.NetProtocol.MAX_FRAME_SIZE;

import io.javisor.core.event.Timer;
import io.javisor.core.host.Errno;
import io.javisor.core.host.Fd;
import io.javisor.core.host.Libc;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.virtio.net.FrameStore;
import io.javisor.devices.virtio.net.FrameVector;
import io.javisor.devices.virtio.net.NetBackend;
import io.netty.buffer.ByteBuf;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Frames on a connected stream socket, each after its length in 32 bits, big-endian: what QEMU's {@code -netdev stream} and passt(1) speak. No headers,
 * no offloads, one pair.
 *
 * <p>Where the host's loopback interface is closed to the guest, frames to its addresses are refused: a passt from before 2024 takes them as they come,
 * {@code --no-map-gw} or not. Their headers are sent from the copy that was looked at.
 *
 * <p>A frame that the socket takes in part is kept until it takes the rest; until then no other is sent. What is read ahead is at most 128 KiB.
 */
public final class StreamBackend implements NetBackend {
    private static final int LENGTH_SIZE = Integer.BYTES;
    private static final int READ_SIZE = 128 << 10;
    private static final int MIN_FRAME_SIZE = 1;
    private static final ValueLayout.OfInt LENGTH = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final String name;
    private final int fd;
    private final boolean loopbackClosed;
    private final MemorySegment prefix =
            Arena.ofAuto().allocate(LENGTH_SIZE + LoopbackAddresses.HEADERS_SIZE, LENGTH_SIZE);
    private final MemorySegment headers = prefix.asSlice(LENGTH_SIZE);
    private final MemorySegment input = Arena.ofAuto().allocate(READ_SIZE);
    private final ReadyWatch watch;
    private final Timer buffered;
    private int inputStart;
    private int inputEnd;
    private @Nullable ByteBuf unsent;
    private volatile @Nullable Listener listener;
    private boolean sendAwaited;
    private boolean gone;
    private boolean garbled;

    /**
     * Takes the descriptor in use; it stays the caller's, who closes it after this backend.
     *
     * @param name for messages
     * @param socket connected, in non-blocking mode
     * @param loopbackClosed whether frames to addresses of a loopback interface are refused, with EACCES
     */
    public StreamBackend(String name, Fd socket, HostEvents events, boolean loopbackClosed) {
        this.loopbackClosed = loopbackClosed;
        this.name = name;
        this.fd = socket.value();
        this.watch = new ReadyWatch(name, fd, events, this::receivable, this::writable, this::checkAlive);
        this.buffered = events.newTimer(name + "/buffered", this::receivable);
    }

    @Override
    public long offloads() {
        return 0;
    }

    @Override
    public int queuePairs() {
        return 1;
    }

    @Override
    public boolean hasHeader() {
        return false;
    }

    @Override
    public void attach(Listener newListener) {
        listener = newListener;
    }

    @Override
    public void detach() {
        listener = null;
    }

    @Override
    public String goneReason() {
        return name + (garbled ? " sent a frame of a length that none has" : " has closed the connection");
    }

    private void receivable() {
        Listener told = listener;
        if (told != null) {
            told.receivable(0);
        }
    }

    // ---- to the host ----

    @Override
    public long send(int pair, FrameVector frame) {
        if (gone) {
            return GONE;
        }
        if (unsent != null) {
            return -Errno.EAGAIN;
        }
        prefix.set(LENGTH, 0, (int) frame.sizeBytes());
        int copied = loopbackClosed ? (int) Math.min(LoopbackAddresses.HEADERS_SIZE, frame.sizeBytes()) : 0;
        if (copied > 0) {
            frame.copyOut(0, headers.address(), copied);
            if (LoopbackAddresses.isTarget(headers, copied)) {
                return -Errno.EACCES;
            }
            frame.dropStart(copied);
        }
        frame.prefix(prefix.address(), LENGTH_SIZE + copied);
        long size = frame.sizeBytes();
        long written = Libc.writev(fd, frame.iovecHva(), frame.count());
        if (written < 0) {
            return failed(written);
        }
        if (written < size) {
            keep(frame, written, size - written);
        }
        return size;
    }

    private void keep(FrameVector frame, long skip, long length) {
        ByteBuf rest = FrameStore.allocate((int) length);
        frame.copyOut(skip, FrameStore.hva(rest), length);
        unsent = rest;
        watch.awaitSend();
    }

    private void writable() {
        if (flush()) {
            tellSendable();
        }
    }

    private void tellSendable() {
        Listener told = listener;
        if (sendAwaited && told != null) {
            sendAwaited = false;
            told.sendable(0);
        }
    }

    /** Writes the rest of a frame. Returns false if there is some left. */
    private boolean flush() {
        ByteBuf rest = unsent;
        if (rest == null) {
            return true;
        }
        int start = rest.readerIndex();
        rest.writerIndex(rest.capacity());
        long written = Libc.write(fd, FrameStore.hva(rest) + start, rest.capacity() - start);
        if (written < 0 && failed(written) == GONE) {
            releaseUnsent();
            tellGone();
            return false;
        }
        rest.skipBytes((int) Math.max(0, written));
        if (rest.isReadable()) {
            watch.awaitSend();
            return false;
        }
        releaseUnsent();
        return true;
    }

    private void releaseUnsent() {
        ByteBuf rest = unsent;
        if (rest != null) {
            unsent = null;
            rest.release();
        }
    }

    @Override
    public void awaitSend(int pair) {
        sendAwaited = true;
        watch.awaitSend();
    }

    // ---- from the host ----

    @Override
    public long receive(int pair, FrameVector room) {
        int length = bufferedFrame();
        if (length == 0) {
            long result = fill();
            if (result < 0) {
                return result;
            }
            length = bufferedFrame();
        }
        if (length == 0) {
            return -Errno.EAGAIN; // a part of one
        }
        if (length < 0) {
            gone = true;
            garbled = true;
            return GONE; // no frame has such a length: where the next one begins is not known
        }
        room.copyIn(input.address() + inputStart + LENGTH_SIZE, length);
        inputStart += LENGTH_SIZE + length;
        return length;
    }

    /** The length of the frame that is there as a whole; 0 if there is none, -1 if it is none. */
    private int bufferedFrame() {
        if (inputEnd - inputStart < LENGTH_SIZE) {
            return 0;
        }
        int length = input.get(LENGTH, inputStart);
        if (length < MIN_FRAME_SIZE || length > MAX_FRAME_SIZE) {
            return -1;
        }
        return inputEnd - inputStart < LENGTH_SIZE + length ? 0 : length;
    }

    /** Reads once. The buffer has room, for no frame that is whole is in it. Returns a negated errno, {@link #GONE}, or more than 0. */
    private long fill() {
        if (gone) {
            return GONE;
        }
        if (inputStart > 0) {
            Libc.memmove(input.address(), input.address() + inputStart, inputEnd - inputStart);
            inputEnd -= inputStart;
            inputStart = 0;
        }
        long count = Libc.read(fd, input.address() + inputEnd, READ_SIZE - inputEnd);
        if (count == 0) {
            gone = true;
            return GONE;
        }
        if (count < 0) {
            return failed(count);
        }
        inputEnd += (int) count;
        return count;
    }

    @Override
    public void awaitReceive(int pair) {
        if (bufferedFrame() > 0) {
            buffered.schedule(1);
        } else {
            watch.awaitReceive();
        }
    }

    // ---- the end ----

    private long failed(long result) {
        if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
            return -Errno.EAGAIN;
        }
        gone = true;
        return GONE;
    }

    /** The other side has closed while nobody reads. */
    private void checkAlive() {
        gone = true;
        tellGone();
    }

    private void tellGone() {
        Listener told = listener;
        if (told != null) {
            told.gone(goneReason());
        }
        tellSendable(); // what the guest wants to send is dropped then, and not kept for ever
    }

    @Override
    public int setOffloads(long guestOffloads) {
        return 0;
    }

    @Override
    public int setQueuePairs(int count) {
        return 0;
    }

    @Override
    public void close() {
        watch.close();
        buffered.close();
        releaseUnsent();
    }
}
