package io.javisor.devices.virtio.block;

/** What becomes of a write before it is on stable storage. */
public enum CacheMode {
    /** The host's page cache takes it; a flush makes it stable. The guest may switch to write-through and back. */
    WRITEBACK,
    /** It is stable when it completes. */
    WRITETHROUGH,
    /** Past the host's page cache (O_DIRECT), but the disk's own cache may hold it; a flush makes it stable. */
    NONE,
    /** As {@link #WRITEBACK}, but a flush does nothing: a crash of the host loses data. For what can be thrown away. */
    UNSAFE
}
