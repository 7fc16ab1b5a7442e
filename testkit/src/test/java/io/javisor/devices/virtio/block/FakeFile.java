package io.javisor.devices.virtio.block;

import io.javisor.core.host.Errno;
import io.javisor.core.io.AsyncFileBackend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A file in memory, whose requests complete when a test says so, with the result that it says. It knows what a crash of the host would leave: what
 * was flushed.
 */
public final class FakeFile implements AsyncFileBackend {
    /** What was asked for. */
    record Request(String kind, long offset, long length, boolean dsync, long iovecHva, int iovecCount, long token) {}

    final byte[] content;
    final byte[] stable;
    final ArrayDeque<Request> queued = new ArrayDeque<>();
    final List<Request> all = new ArrayList<>();
    private final Completion completion;
    private final int depth;
    boolean automatic = true;
    boolean closed;
    /** Nothing completes by itself, not even at the end. */
    boolean stuck;
    /** The most that one read or write does. */
    long most = Long.MAX_VALUE;
    /** What the next requests return instead, first to last; null for what they would. */
    final ArrayDeque<Long> results = new ArrayDeque<>();

    public FakeFile(int size, int depth, Completion completion) {
        this.content = new byte[size];
        this.stable = new byte[size];
        this.depth = depth;
        this.completion = completion;
    }

    @Override
    public int depth() {
        return depth;
    }

    @Override
    public boolean readv(long offset, long iovecHva, int iovecCount, long sizeBytes, long token) {
        require(sizeBytes == length(iovecHva, iovecCount));
        return queue(new Request("read", offset, sizeBytes, false, iovecHva, iovecCount, token));
    }

    @Override
    public boolean writev(long offset, long iovecHva, int iovecCount, long sizeBytes, boolean dsync, long token) {
        require(sizeBytes == length(iovecHva, iovecCount));
        return queue(new Request("write", offset, sizeBytes, dsync, iovecHva, iovecCount, token));
    }

    private static void require(boolean sizeIsTrue) {
        if (!sizeIsTrue) {
            throw new IllegalStateException("a size that is not the iovecs'");
        }
    }

    @Override
    public boolean fdatasync(long token) {
        return queue(new Request("flush", 0, 0, false, 0, 0, token));
    }

    @Override
    public boolean discard(long offset, long length, long token) {
        return queue(new Request("discard", offset, length, false, 0, 0, token));
    }

    @Override
    public boolean zero(long offset, long length, long token) {
        return queue(new Request("zero", offset, length, false, 0, 0, token));
    }

    private boolean queue(Request request) {
        if (closed || queued.size() == depth) {
            return false;
        }
        all.add(request);
        queued.add(request);
        return true;
    }

    @Override
    public void submit() {
        while (automatic && !queued.isEmpty()) {
            completeNext();
        }
    }

    /** Completes the oldest request. */
    void completeNext() {
        Request request = queued.remove();
        Long forced = results.poll();
        completion.completed(request.token(), forced != null ? forced : run(request));
    }

    private long run(Request request) {
        long left = Math.min(request.length(), most);
        return switch (request.kind()) {
            case "flush" -> {
                System.arraycopy(content, 0, stable, 0, content.length);
                yield 0;
            }
            case "discard", "zero" -> {
                Arrays.fill(content, (int) request.offset(), (int) (request.offset() + request.length()), (byte) 0);
                yield 0;
            }
            default -> transfer(request, Math.min(left, content.length - request.offset()));
        };
    }

    private long transfer(Request request, long size) {
        if (size < 0) {
            return -Errno.EINVAL;
        }
        long done = 0;
        for (int i = 0; i < request.iovecCount() && done < size; i++) {
            MemorySegment vector = at(request.iovecHva() + 16L * i, 16);
            long here = Math.min(vector.get(ValueLayout.JAVA_LONG, 8), size - done);
            MemorySegment memory = at(vector.get(ValueLayout.JAVA_LONG, 0), here);
            int from = (int) (request.offset() + done);
            if (request.kind().equals("read")) {
                MemorySegment.copy(content, from, memory, ValueLayout.JAVA_BYTE, 0, (int) here);
            } else {
                MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, content, from, (int) here);
                if (request.dsync()) {
                    System.arraycopy(content, from, stable, from, (int) here);
                }
            }
            done += here;
        }
        return done;
    }

    private static long length(long iovecHva, int iovecCount) {
        long sum = 0;
        for (int i = 0; i < iovecCount; i++) {
            sum += at(iovecHva + 16L * i, 16).get(ValueLayout.JAVA_LONG, 8);
        }
        return sum;
    }

    @SuppressWarnings("restricted")
    private static MemorySegment at(long hva, long size) {
        return MemorySegment.ofAddress(hva).reinterpret(size);
    }

    @Override
    public void close() {
        if (stuck && !queued.isEmpty()) {
            throw new IllegalStateException("still in flight");
        }
        while (!queued.isEmpty()) {
            completeNext();
        }
        closed = true;
    }

    @Override
    public String engine() {
        return "a test";
    }
}
