package io.javisor.devices.virtio.vsock.backend;

/** What a program of the host's says first, byte by byte: {@code CONNECT PORT} and a line feed, the port in decimal. Pure. */
final class ConnectRequest {
    /** The longest line that can be meant, with its end; one of Firecracker's is no longer. */
    static final int MAX_BYTES = 32;

    private static final String WORD = "CONNECT ";
    private static final long MAX_PORT = 0xFFFF_FFFFL;

    private int count;
    private int digits;
    private long port;
    private boolean returned;
    private boolean complete;

    /** Takes a byte of an incomplete request. Returns false if it is none. */
    boolean add(byte next) {
        if (count < WORD.length()) {
            return next == WORD.charAt(count++);
        }
        if (next == '\n') {
            complete = digits > 0;
            return complete;
        }
        if (next == '\r' && !returned && digits > 0) { // by a terminal's or a protocol's habit
            returned = true;
            return true;
        }
        if (returned || next < '0' || next > '9' || ++count > MAX_BYTES) {
            return false;
        }
        digits++;
        port = 10 * port + (next - '0');
        return port <= MAX_PORT;
    }

    boolean isComplete() {
        return complete;
    }

    /** 32 bits, unsigned. */
    int port() {
        return (int) port;
    }
}
