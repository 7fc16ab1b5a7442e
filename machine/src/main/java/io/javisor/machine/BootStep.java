package io.javisor.machine;

/** What a machine has done on the way to its guest's first instruction, and when that guest is gone. In this order. */
public enum BootStep {
    /** Kernel and initrd were opened, checked and, if need be, decompressed; {@code /dev/kvm} is open. */
    IMAGES_READ,
    /** The host has given the guest's memory. */
    MEMORY_ALLOCATED,
    /** KVM has made the virtual machine with its interrupt chips and knows the memory. */
    VM_CREATED,
    /** The devices are there, and kernel, initrd and boot data are in the guest's memory. */
    IMAGES_LOADED,
    /** The virtual CPUs are made, set up and parked. */
    VCPUS_CREATED,
    /** A virtual CPU enters the guest. */
    GUEST_ENTERED,
    /** The guest has reset, or the machine ends. */
    LIFE_ENDED
}
