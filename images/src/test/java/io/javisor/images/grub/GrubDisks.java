package io.javisor.images.grub;

import io.javisor.images.ByteSource;
import io.javisor.images.FileKind;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Partition;
import io.javisor.images.disk.PartitionTable;
import io.javisor.images.disk.Volume;
import io.javisor.images.testing.MapFileSystem;
import java.util.List;

/** A disk with a root in partition 1 and a file system for booting in 16, and what its {@code grub.cfg} comes to in one line. */
final class GrubDisks {
    static final String UUID = "12ab-cd";

    final MapFileSystem root = new MapFileSystem(UUID, "rootfs")
            .with("/boot/vmlinuz-1", "one")
            .with("/boot/vmlinuz-2", "two")
            .with("/boot/initrd.img-1", "i1")
            .with("/boot/initrd.img-2", "i2");
    final MapFileSystem boot =
            new MapFileSystem("b007", "BOOT").with("/vmlinuz-3", "three").with("/initrd-3", "i3");
    private List<GrubDisk.Unread> unread = List.of();

    private static Volume volume(int number, MapFileSystem files) {
        return new Volume(new Partition(number, 512, 512, "83", "part-" + number), files);
    }

    /** With a partition that javisor can't read. */
    GrubDisks unread(int number, FileKind content) {
        unread = List.of(new GrubDisk.Unread(number, content));
        return this;
    }

    BootFiles run(String script) {
        root.with("/boot/grub/grub.cfg", script);
        Volume first = volume(1, root);
        return GrubConfig.boot(
                new GrubDisk(PartitionTable.Kind.GPT, List.of(first, volume(16, boot)), unread),
                first,
                "/boot/grub/grub.cfg");
    }

    /** The kernel, its initrds and the command line with bars between, or why there is none. */
    String boots(String script) {
        try {
            BootFiles found = run(script);
            return "%s|%s|%s"
                    .formatted(
                            found.kernel().name(),
                            String.join(
                                    ",",
                                    found.initrds().stream()
                                            .map(ByteSource::name)
                                            .toList()),
                            found.commandLine());
        } catch (ImageException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
