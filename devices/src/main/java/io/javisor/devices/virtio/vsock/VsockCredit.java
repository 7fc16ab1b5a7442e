package io.javisor.devices.virtio.vsock;

/**
 * Credit of one connection, both ways (virtio 1.2 §5.10.6.3): who sends knows how large the other's buffer is, and how much has left it. Counters are
 * free-running, 32 bits wide in packets and 64 here, so that a guest that lies is found out. Pure.
 */
final class VsockCredit {
    /** What is under way stays below half of what a counter holds, so that a count that goes back is told from one that goes on. */
    private static final long MAX_GUEST_BUFFER = Integer.MAX_VALUE;

    private final int bufferBytes;
    private long received; // from the guest
    private long forwarded; // of it, to the host
    private long told; // of that, to the guest
    private long sent; // to the guest
    private long guestForwarded; // of it, as the guest says
    private long guestBufferBytes;

    /** @param bufferBytes how much of the guest's can wait for the host */
    VsockCredit(int bufferBytes) {
        this.bufferBytes = bufferBytes;
    }

    /**
     * What a packet of the guest's says. A count that goes back is an older packet's, for Linux may send two in the wrong order.
     *
     * @return false if the guest has forwarded what it was never sent
     */
    boolean update(int bufAlloc, int fwdCnt) {
        int progress = fwdCnt - (int) guestForwarded;
        if (progress > sent - guestForwarded) {
            return false;
        }
        guestForwarded += Math.max(0, progress);
        guestBufferBytes = Math.min(Integer.toUnsignedLong(bufAlloc), MAX_GUEST_BUFFER);
        return true;
    }

    /** How much the guest takes at this moment. It may make its buffer smaller than what is in it. */
    long sendable() {
        return Math.max(0, guestBufferBytes - (sent - guestForwarded));
    }

    /** So much went to the guest, no more than {@link #sendable}. */
    void sent(int bytes) {
        sent += bytes;
    }

    /**
     * So much came from the guest.
     *
     * @return false if it has no credit for it; nothing is counted then
     */
    boolean receive(long bytes) {
        if (bytes > bufferBytes - (received - forwarded)) {
            return false;
        }
        received += bytes;
        return true;
    }

    /** So much of what was received went to the host. */
    void forwarded(long bytes) {
        forwarded += bytes;
    }

    /** Whether the guest should learn that there is room again: it believes that less than half of the buffer is free, and more is. */
    boolean isUpdateDue() {
        return forwarded != told && bufferBytes - (received - told) < bufferBytes / 2;
    }

    /** What packets say of our buffer's size. */
    int bufAlloc() {
        return bufferBytes;
    }

    /** What the next packet says of how much has left our buffer: the guest knows it then. */
    int tellForwarded() {
        told = forwarded;
        return (int) forwarded;
    }
}
