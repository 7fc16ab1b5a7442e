package io.javisor.firmware.diskboot;

import io.javisor.firmware.bls.BlsDirectory;
import io.javisor.firmware.bls.BlsEntry;
import io.javisor.firmware.disk.BootFiles;
import io.javisor.firmware.disk.ByteSource;
import io.javisor.firmware.disk.Content;
import io.javisor.firmware.disk.Partition;
import io.javisor.firmware.disk.PartitionTable;
import io.javisor.firmware.disk.Printable;
import io.javisor.firmware.disk.Volume;
import io.javisor.firmware.ext4.Ext4FileSystem;
import io.javisor.firmware.grub.GrubConfig;
import io.javisor.firmware.grub.GrubDisk;
import io.javisor.firmware.image.BootException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds kernel, initrd and command line in a disk image, without writing to it: what GRUB would boot; or else the best entry after the Boot
 * Loader Specification; or else the newest kernel by its name. Only ext2, ext3 and ext4 are looked into.
 */
public final class BootFinder {
    /** More than any distribution makes, by far. */
    private static final int PARTITION_MAX = 64;

    private static final int VOLUME_MAX = 16;
    private static final int SHOWN_MAX = 4;

    private final ByteSource disk;
    private final PartitionTable table;
    private final List<Volume> volumes = new ArrayList<>();
    private final List<String> searched = new ArrayList<>();
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
     * @throws BootException in one line, if it has one and no kernel is found, or the table is damaged
     */
    public static Optional<BootFiles> find(ByteSource disk) {
        PartitionTable table = PartitionTable.read(disk);
        if (table.kind() == PartitionTable.Kind.NONE) {
            return Optional.empty();
        }
        BootFinder finder = new BootFinder(disk, table);
        finder.openVolumes();
        return Optional.of(finder.search().withNotes(finder.notes));
    }

    private void openVolumes() {
        List<Partition> partitions = table.partitions().stream()
                // An Extended Boot Loader Partition is there to be asked first.
                .sorted(Comparator.comparing(partition -> !partition.type().equals(Partition.XBOOTLDR_TYPE)))
                .limit(PARTITION_MAX)
                .toList();
        int opened = 0;
        for (Partition partition : partitions) {
            ByteSource bytes = partition.in(disk);
            Content content = Content.of(bytes);
            searched.add("%d (%s)".formatted(partition.number(), content.description()));
            if (content != Content.EXT || opened == VOLUME_MAX) {
                continue;
            }
            opened++;
            try {
                Ext4FileSystem files = Ext4FileSystem.open(bytes);
                notes.addAll(files.notes());
                volumes.add(new Volume(partition, files));
            } catch (BootException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
    }

    private BootFiles search() {
        BootFiles found = grub();
        found = found != null ? found : bls();
        found = found != null ? found : attempt(() -> new KernelNames(table, volumes).newest());
        if (found != null) {
            return found;
        }
        throw disk.problem(
                "it is partitioned, but no kernel was found: looked for grub.cfg, loader/entries/*.conf and vmlinuz-* in partition %s%s; give --kernel"
                        .formatted(
                                searched.isEmpty() ? "none" : String.join(", ", searched),
                                problems.isEmpty()
                                        ? ""
                                        : " ("
                                                + String.join(
                                                        "; ", problems.subList(0, Math.min(SHOWN_MAX, problems.size())))
                                                + ")"));
    }

    private interface Attempt {
        @Nullable
        BootFiles run();
    }

    /** A problem in one place is no reason not to look at the next. */
    private @Nullable BootFiles attempt(Attempt attempt) {
        try {
            return attempt.run();
        } catch (BootException e) {
            problems.add(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable BootFiles grub() {
        GrubDisk grubDisk = new GrubDisk(table.kind(), volumes);
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

    private @Nullable BootFiles bls() {
        for (String path : BlsDirectory.PATHS) {
            for (Volume volume : volumes) {
                BootFiles found = attempt(() -> firstEntry(volume, path));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private @Nullable BootFiles firstEntry(Volume volume, String directory) {
        for (BlsEntry entry : BlsDirectory.entries(volume.files(), directory)) {
            ByteSource kernel = volume.files().file(entry.value("linux").strip());
            List<ByteSource> initrds = new ArrayList<>();
            boolean complete = kernel != null;
            for (String path : entry.joined("initrd").strip().split("\\s+", 16)) {
                ByteSource initrd = path.isEmpty() ? null : volume.files().file(path);
                complete &= path.isEmpty() || initrd != null;
                if (initrd != null) {
                    initrds.add(initrd);
                }
            }
            if (kernel != null && complete) {
                String description = "entry '%s' in %s of partition %d"
                        .formatted(
                                Printable.line(entry.title()),
                                directory,
                                volume.partition().number());
                return new BootFiles(kernel, initrds, entry.joined("options").strip(), description, List.of());
            }
            problems.add("entry '%s' names files that are not in partition %d"
                    .formatted(Printable.line(entry.id()), volume.partition().number()));
        }
        return null;
    }
}
