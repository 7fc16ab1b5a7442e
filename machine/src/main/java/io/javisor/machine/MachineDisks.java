package io.javisor.machine;

/** A machine's disks, as they are changed while it runs. Any thread but the machine's event loop. */
public final class MachineDisks {
    private final VirtioChange.Maker machine;

    MachineDisks(VirtioChange.Maker machine) {
        this.machine = machine;
    }

    /**
     * Makes a disk larger: the image's file too. The guest is told.
     *
     * @param id as the dry run lists it: {@code disk0}
     * @throws io.javisor.machine.config.ConfigException if there is no such disk, or it can't have that size: it can only grow, in whole blocks
     * @throws io.javisor.core.host.HostException if the host refuses
     * @throws IllegalStateException if the machine has ended
     */
    public void grow(String id, long newSizeBytes) throws InterruptedException {
        machine.make(devices -> devices.disks().grow(id, newSizeBytes));
    }

    /**
     * Takes over the size that a disk's file has got from elsewhere.
     *
     * @param atItsPath whether that must be the file that the disk's path leads to by now
     * @throws io.javisor.machine.config.ConfigException as {@link #grow} does, or if another file is at its path, or none
     * @throws io.javisor.core.host.HostException if the file can't be asked
     * @throws IllegalStateException if the machine has ended
     */
    public void remeasure(String id, boolean atItsPath) throws InterruptedException {
        machine.make(devices -> devices.disks().remeasure(id, atItsPath));
    }
}
