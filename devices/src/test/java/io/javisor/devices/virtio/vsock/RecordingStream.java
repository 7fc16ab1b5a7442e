package io.javisor.devices.virtio.vsock;

import io.javisor.core.host.Errno;
import io.javisor.core.memory.MemoryLease;
import java.util.ArrayList;
import java.util.List;

/** A host's end that does what the test says, and remembers what it was asked. */
final class RecordingStream implements VsockStream {
    final List<String> calls = new ArrayList<>();
    /** What the next reads give. */
    long readResult = -Errno.EAGAIN;
    /** What the next writes give; more than there is: all of it. */
    long writeResult = Long.MAX_VALUE;

    int bufferBytes;

    /** What was asked since the last call. */
    String takeCalls() {
        String all = String.join(" ", calls);
        calls.clear();
        return all;
    }

    @Override
    public void attach(Listener listener, int newBufferBytes) {
        bufferBytes = newBufferBytes;
    }

    @Override
    public void accepted(int hostPort) {
        calls.add("accepted:" + Integer.toUnsignedString(hostPort));
    }

    @Override
    public long read(MemoryLease room) {
        calls.add("read");
        return Math.min(readResult, room.sizeBytes());
    }

    @Override
    public void awaitInput() {
        calls.add("await");
    }

    @Override
    public long write(MemoryLease data) {
        calls.add("write:" + data.sizeBytes());
        return Math.min(writeResult, data.sizeBytes());
    }

    @Override
    public void endOutput() {
        calls.add("endOutput");
    }

    @Override
    public void endInput() {
        calls.add("endInput");
    }

    @Override
    public void finish() {
        calls.add("finish");
    }
}
