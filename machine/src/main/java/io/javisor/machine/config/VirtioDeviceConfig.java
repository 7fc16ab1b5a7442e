package io.javisor.machine.config;

/** A virtio device that a machine is to have: validated, immutable, without anything opened. */
public sealed interface VirtioDeviceConfig
        permits BalloonConfig,
                CloudInitConfig,
                DiskConfig,
                NetConfig,
                PmemConfig,
                RngConfig,
                StitchedDiskConfig,
                VsockConfig {
    /** What its id starts with; a number follows, counted for each kind from 0. */
    String kind();

    /** Whether a machine has one of its kind at most. */
    default boolean isSingle() {
        return false;
    }

    /** Throws a {@link ConfigException} unless a machine with that much memory can have it. */
    default void requireFits(long memoryBytes) {}

    /** What the guest sees, in a few words. */
    String description();
}
