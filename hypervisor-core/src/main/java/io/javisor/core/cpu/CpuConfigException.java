package io.javisor.core.cpu;

/** A choice of processor that is wrong, or that this host can't serve. The message is one line for the user. */
public final class CpuConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    CpuConfigException(String message) {
        super(message);
    }
}
