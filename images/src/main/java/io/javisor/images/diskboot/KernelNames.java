package io.javisor.images.diskboot;

import io.javisor.core.text.Printable;
import io.javisor.images.ByteSource;
import io.javisor.images.Fields;
import io.javisor.images.ImageException;
import io.javisor.images.bls.VersionOrder;
import io.javisor.images.disk.BootFiles;
import io.javisor.images.disk.FileSystem;
import io.javisor.images.disk.Partition;
import io.javisor.images.disk.PartitionTable;
import io.javisor.images.disk.Volume;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The last resort: kernels by the names that distributions give them, and a command line made up from the partition table.
 *
 * @param problems takes what is passed by, a line each
 */
record KernelNames(PartitionTable table, List<Volume> volumes, List<String> problems) {
    private static final String PREFIX = "vmlinuz-";

    /** What dpkg, rpm, pacman and people leave beside a kernel, and what is meant for a rescue. */
    private static final Pattern LEFT_OVER = Pattern.compile(
            ".*(?:rescue.*|~|\\.(?:old|bak|orig|save|tmp|new|sig|sign|hmac|sha\\d+\\w*|dpkg-\\w+|ucf-\\w+|rpm\\w+|pac\\w+))",
            Pattern.DOTALL);

    /** Of the root file system, then of one for booting. */
    private static final List<String> DIRECTORIES = List.of("/boot", "");

    /** Without a version in the name: links to the newest, mostly. */
    private static final List<String> PLAIN = List.of("/vmlinuz", "/boot/vmlinuz");

    /** Names of the initrd, for the version or for none. */
    private static final List<String> INITRDS =
            List.of("initrd.img-%s", "initramfs-%s.img", "initramfs-%s", "initrd-%s", "initrd-%s.img");

    private static final List<String> PLAIN_INITRDS = List.of("initrd.img", "initrd", "initramfs.img");

    private static final String ELF = "\u007fELF";
    private static final int SETUP_HEADER_OFFSET = 0x202;
    private static final String SETUP_HEADER = "HdrS";

    /** Null if there is no kernel. */
    @Nullable
    BootFiles newest() {
        for (String directory : DIRECTORIES) {
            for (Volume volume : volumes) {
                List<String> versions = volume.files().names(directory + "/").stream()
                        .filter(name -> name.startsWith(PREFIX)
                                && !LEFT_OVER.matcher(name).matches())
                        .map(name -> name.substring(PREFIX.length()))
                        .sorted(VersionOrder.INSTANCE
                                .thenComparing(Comparator.naturalOrder())
                                .reversed())
                        .toList();
                for (String version : versions) {
                    BootFiles found = boot(
                            volume,
                            directory + "/" + PREFIX + version,
                            INITRDS.stream()
                                    .map(name -> directory + "/" + name.formatted(version))
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
        if (!isKernel(kernel)) {
            problems.add("%s in partition %d is no kernel"
                    .formatted(
                            Printable.asciiLine(kernelPath), volume.partition().number()));
            return null;
        }
        List<ByteSource> initrds = initrdPaths.stream()
                .flatMap(path -> Stream.ofNullable(volume.files().file(path)))
                .limit(1)
                .toList();
        String description = "%s in partition %d, by its name"
                .formatted(Printable.asciiLine(kernelPath), volume.partition().number());
        String commandLine = "root=PARTUUID=%s ro".formatted(root(volume).uuid());
        return new BootFiles(
                kernel,
                initrds,
                commandLine,
                description,
                List.of("the kernel was chosen by its name, and its command line is made up: " + commandLine));
    }

    /** An ELF image, or one with Linux's setup header. */
    private static boolean isKernel(ByteSource file) {
        int end = SETUP_HEADER_OFFSET + SETUP_HEADER.length();
        if (file.sizeBytes() < ELF.length()) {
            return false;
        }
        Fields start = file.fields(0, (int) Math.min(end, file.sizeBytes()));
        return start.text(0, ELF.length()).equals(ELF)
                || (file.sizeBytes() >= end
                        && start.text(SETUP_HEADER_OFFSET, SETUP_HEADER.length())
                                .equals(SETUP_HEADER));
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
                .orElseThrow(() -> new ImageException(
                        "a kernel is in partition %d, but no root file system was found; give --kernel and --cmdline"
                                .formatted(kernelVolume.partition().number())));
    }

    private static boolean isRoot(FileSystem files) {
        return files.isDirectory("/etc") && (files.isDirectory("/usr") || files.isDirectory("/sbin"));
    }
}
