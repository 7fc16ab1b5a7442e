package io.javisor.machine.host;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageFile;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.diskboot.BootFinder;
import io.javisor.machine.config.ConfigException;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk that a machine boots from: its kernel and initrd are looked for at each start of the guest.
 *
 * @param disk open for as long as the machine
 */
record DiskBoot(DiskFile disk) {
    /** Distributions' kernels have some 10 MiB, and 60 with symbols. */
    private static final long MAX_KERNEL_BYTES = 512L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(DiskBoot.class);

    /**
     * What the disk's boot loader would start.
     *
     * @param initrd not read yet; null if there is none
     * @param notes what the user should know of the disk, a line each
     */
    record Images(ImageFile kernel, @Nullable ByteSource initrd, String commandLine, List<String> notes) {}

    /**
     * Looks for a kernel, and reads it.
     *
     * @param scratch where the kernel goes
     * @param guestMemoryBytes a kernel can't have more, nor more than 512 MiB; neither is read then
     * @throws ConfigException if the disk has no partitions
     * @throws io.javisor.images.ImageException if there is nothing to boot on it, or it can't be read
     */
    Images read(SegmentAllocator scratch, long guestMemoryBytes) {
        ByteSource bytes = disk.bytes();
        return OwnStack.call(bytes.name(), () -> parse(bytes, scratch, guestMemoryBytes));
    }

    private static Images parse(ByteSource bytes, SegmentAllocator scratch, long guestMemoryBytes) {
        BootFiles found = BootFinder.find(bytes)
                .orElseThrow(() -> new ConfigException(bytes.name() + " has no partitions to boot from"));
        LOG.info("{} boots {}", bytes.name(), found.description());
        return new Images(
                found.loadKernel(scratch, Math.min(guestMemoryBytes, MAX_KERNEL_BYTES)),
                found.initrd(),
                found.commandLine(),
                found.notes());
    }
}
