package io.javisor.firmware.diskboot;

import io.javisor.firmware.bls.VersionOrder;
import io.javisor.firmware.disk.BootFiles;
import io.javisor.firmware.disk.ByteSource;
import io.javisor.firmware.disk.FileSystem;
import io.javisor.firmware.disk.Partition;
import io.javisor.firmware.disk.PartitionTable;
import io.javisor.firmware.disk.Printable;
import io.javisor.firmware.disk.Volume;
import io.javisor.firmware.image.BootException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The last resort: kernels by the names that distributions give them, and a command line made up from the partition table. */
record KernelNames(PartitionTable table, List<Volume> volumes) {
    private static final String PREFIX = "vmlinuz-";

    /** Of the root file system, then of one for booting. */
    private static final List<String> DIRECTORIES = List.of("/boot", "");

    /** Without a version in the name: links to the newest, mostly. */
    private static final List<String> PLAIN = List.of("/vmlinuz", "/boot/vmlinuz");

    /** Names of the initrd, for the version or for none. */
    private static final List<String> INITRDS =
            List.of("initrd.img-%s", "initramfs-%s.img", "initramfs-%s", "initrd-%s", "initrd-%s.img");

    private static final List<String> PLAIN_INITRDS = List.of("initrd.img", "initrd", "initramfs.img");

    /** Null if there is no kernel. */
    @Nullable
    BootFiles newest() {
        for (String directory : DIRECTORIES) {
            for (Volume volume : volumes) {
                Optional<String> version = volume.files().names(directory + "/").stream()
                        .filter(name -> name.startsWith(PREFIX) && !name.contains("rescue") && !name.endsWith(".old"))
                        .map(name -> name.substring(PREFIX.length()))
                        .max(VersionOrder.INSTANCE.thenComparing(Comparator.naturalOrder()));
                if (version.isPresent()) {
                    BootFiles found = boot(
                            volume,
                            directory + "/" + PREFIX + version.get(),
                            INITRDS.stream()
                                    .map(name -> directory + "/" + name.formatted(version.get()))
                                    .toList());
                    if (found != null) {
                        return found;
                    }
                }
            }
        }
        for (String path : PLAIN) {
            for (Volume volume : volumes) {
                String directory = path.substring(0, path.lastIndexOf('/') + 1);
                BootFiles found = boot(
                        volume,
                        path,
                        PLAIN_INITRDS.stream().map(name -> directory + name).toList());
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private @Nullable BootFiles boot(Volume volume, String kernelPath, List<String> initrdPaths) {
        ByteSource kernel = volume.files().file(kernelPath);
        if (kernel == null) {
            return null;
        }
        List<ByteSource> initrds = initrdPaths.stream()
                .flatMap(path -> Stream.ofNullable(volume.files().file(path)))
                .limit(1)
                .toList();
        String description = "%s in partition %d, by its name"
                .formatted(Printable.line(kernelPath), volume.partition().number());
        String commandLine = "root=PARTUUID=%s ro".formatted(root(volume).uuid());
        return new BootFiles(
                kernel,
                initrds,
                commandLine,
                description,
                List.of("no boot loader's configuration was found; the command line is made up: " + commandLine));
    }

    /** The partition with the root file system: one that has a root's directories, or says so by its type. */
    private Partition root(Volume kernelVolume) {
        if (isRoot(kernelVolume.files())) {
            return kernelVolume.partition();
        }
        return volumes.stream()
                .filter(volume -> isRoot(volume.files()))
                .map(Volume::partition)
                .findFirst()
                .or(() -> table.partitions().stream()
                        .filter(partition -> partition.type().equals(Partition.ROOT_X86_64_TYPE))
                        .findFirst())
                .orElseThrow(() -> new BootException(
                        "a kernel is in partition %d, but no root file system was found; give --kernel and --cmdline"
                                .formatted(kernelVolume.partition().number())));
    }

    private static boolean isRoot(FileSystem files) {
        return files.isDirectory("/etc") && (files.isDirectory("/usr") || files.isDirectory("/sbin"));
    }
}
