package io.javisor.gdb;

/** A packet says something that makes no sense. The client gets an error for it. */
final class BadPacketException extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadPacketException(String message) {
        super(message);
    }
}
