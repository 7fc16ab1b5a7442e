package io.javisor.oci;

/**
 * Takes the bytes of one blob in their order, from where an earlier try got to. It checks size and digest as they come. For one thread.
 */
public interface BlobSink {
    /** How many bytes it has: the next one is that at this offset. */
    long offset();

    /**
     * Takes the bytes that come next.
     *
     * @throws OciException in one line, if they are more than there should be, or the disk is full
     */
    void write(byte[] bytes, int from, int length);

    /** Forgets what it has, for a source that can't begin in the middle: the next byte is the first. */
    void restart();
}
