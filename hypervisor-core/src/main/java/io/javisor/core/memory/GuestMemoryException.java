package io.javisor.core.memory;

/** An access to guest-physical addresses that no RAM region covers. Message only: it carries no stack trace, being the guest's. */
public final class GuestMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GuestMemoryException(String message) {
        super(message, null, false, false);
    }
}
