package io.javisor.devices.backend;

/** Where output ends that is not just a descriptor. */
@FunctionalInterface
public interface OutputTarget {
    /**
     * Takes bytes. On a worker thread, never twice at a time; it may block.
     *
     * @param dataHva where they are
     * @param count how many, above 0
     * @return how many were taken, or a negated errno
     */
    long write(long dataHva, int count);
}
