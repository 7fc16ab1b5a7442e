package io.javisor.images.diskboot;

import io.javisor.core.text.Printable;
import io.javisor.images.ByteSource;
import io.javisor.images.FileKind;
import io.javisor.images.ImageException;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.Partition;
import io.javisor.images.disk.PartitionTable;
import io.javisor.images.disk.Volume;
import io.javisor.images.ext4.Ext4FileSystem;
import io.javisor.images.ext4.JournalBudget;
import io.javisor.images.grub.GrubConfig;
import io.javisor.images.grub.GrubDisk;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds kernel, initrd and command line in a disk image, without writing to it: what GRUB would boot; or else the best entry after the Boot
 * Loader Specification; or else what EXTLINUX would; or else the newest kernel by its name. Only ext2, ext3 and ext4 are looked into.
 */
public final class BootFinder {
    /** More than any distribution makes, by far. */
    private static final int PARTITION_MAX = 64;

    private static final int VOLUME_MAX = 16;
    private static final int SHOWN_MAX = 4;

    private static final List<String> OTHER_LOADERS = List.of(
            "/boot/grub/menu.lst",
            "/grub/menu.lst",
            "/boot/grub/grub.conf",
            "/grub/grub.conf",
            "/etc/lilo.conf",
            "/boot/limine.conf",
            "/limine.conf",
            "/refind_linux.conf",
            "/boot/refind_linux.conf");

    private final ByteSource disk;
    private final PartitionTable table;
    private final List<Volume> volumes = new ArrayList<>();
    private final List<String> searched = new ArrayList<>();
    private final List<GrubDisk.Unread> unread = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private final List<String> notes;

    private BootFinder(ByteSource disk, PartitionTable table) {
        this.disk = disk;
        this.table = table;
        this.notes = new ArrayList<>(table.notes());
    }

    /**
     * What the disk boots; empty if it has no partition table, so that there is no boot loader to ask.
     *
     * @throws ImageException in one line, if it has one and no kernel is found, or the table is damaged
     */
    public static Optional<BootFiles> find(ByteSource disk) {
        PartitionTable table = PartitionTable.read(disk);
        if (table.kind() == PartitionTable.Kind.NONE) {
            return Optional.empty();
        }
        BootFinder finder = new BootFinder(disk, table);
        finder.openVolumes();
        BootFiles found = finder.search();
        // What was looked for in vain, too: it may be why this is not what the disk's own boot loader would start.
        finder.notes.addAll(finder.problems.subList(0, Math.min(SHOWN_MAX, finder.problems.size())));
        return Optional.of(found.withNotes(finder.notes));
    }

    private void openVolumes() {
        List<Partition> partitions = table.partitions().stream()
                // An Extended Boot Loader Partition is there to be asked first.
                .sorted(Comparator.comparing(partition -> !partition.type().equals(Partition.XBOOTLDR_TYPE)))
                .toList();
        partitions.stream()
                .skip(PARTITION_MAX)
                .forEach(partition -> unread.add(new GrubDisk.Unread(partition.number(), FileKind.UNKNOWN)));
        JournalBudget journals = new JournalBudget();
        int opened = 0;
        for (Partition partition : partitions.subList(0, Math.min(PARTITION_MAX, partitions.size()))) {
            ByteSource bytes = partition.in(disk);
            FileKind content = FileKind.among(FileKind.Group.VOLUME, bytes);
            GrubDisk.Unread what = new GrubDisk.Unread(partition.number(), content);
            searched.add(what.toString());
            if (content != FileKind.SWAP && FileKind.endsAsRaid(bytes)) {
                // A file system in it is read, too.
                unread.add(new GrubDisk.Unread(partition.number(), FileKind.RAID));
            }
            if (content != FileKind.EXT || opened == VOLUME_MAX) {
                if (content != FileKind.SWAP && !partition.type().equals(Partition.BIOS_BOOT_TYPE)) {
                    unread.add(what);
                }
                continue;
            }
            opened++;
            try {
                Ext4FileSystem files = Ext4FileSystem.open(bytes, journals);
                notes.addAll(files.notes());
                volumes.add(new Volume(partition, files));
            } catch (ImageException e) {
                problems.add(String.valueOf(e.getMessage()));
                unread.add(what);
            }
        }
    }

    private BootFiles search() {
        BootFiles found = grub();
        found = found != null ? found : attempt(() -> new BlsBoot(volumes, problems).first());
        found = found != null ? found : attempt(() -> new Extlinux(volumes, problems).first());
        if (found == null) {
            otherLoaders();
            found = attempt(() -> new KernelNames(table, volumes, problems).newest());
        }
        if (found != null) {
            return found;
        }
        if (FileKind.ISO9660.isIn(disk)) {
            throw PartitionTable.isoImage(disk);
        }
        throw disk.problem(
                "it is partitioned, but no kernel was found: looked for grub.cfg, loader/entries/*.conf, extlinux.conf and vmlinuz-* in partition %s%s; give --kernel"
                        .formatted(
                                searched.isEmpty() ? "none" : String.join(", ", searched),
                                problems.isEmpty()
                                        ? ""
                                        : " ("
                                                + String.join(
                                                        "; ", problems.subList(0, Math.min(SHOWN_MAX, problems.size())))
                                                + ")"));
    }

    /** Whose files are there and not read. */
    private void otherLoaders() {
        for (Volume volume : volumes) {
            for (String path : OTHER_LOADERS) {
                if (attempt(() -> volume.files().file(path)) != null) {
                    problems.add("%s in partition %d is not read"
                            .formatted(path, volume.partition().number()));
                }
            }
            for (String directory : List.of("/boot", "/")) {
                List<String> names = attempt(() -> volume.files().names(directory));
                for (String kernel : names == null
                        ? List.<String>of()
                        : names.stream().sorted().toList()) {
                    if (kernel.startsWith("kernel-") || kernel.equals("bzImage")) {
                        problems.add("%s in %s of partition %d may be a kernel, but is not looked at"
                                .formatted(
                                        Printable.asciiLine(kernel),
                                        directory,
                                        volume.partition().number()));
                    }
                }
            }
        }
    }

    private interface Attempt<T> {
        @Nullable
        T run();
    }

    /** A problem in one place is no reason not to look at the next. */
    private <T> @Nullable T attempt(Attempt<T> attempt) {
        try {
            return attempt.run();
        } catch (ImageException e) {
            problems.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable BootFiles grub() {
        GrubDisk grubDisk = new GrubDisk(table.kind(), volumes, unread);
        for (String path : GrubConfig.PATHS) {
            for (Volume volume : volumes) {
                BootFiles found = attempt(
                        () -> volume.files().file(path) == null ? null : GrubConfig.boot(grubDisk, volume, path));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }
}
