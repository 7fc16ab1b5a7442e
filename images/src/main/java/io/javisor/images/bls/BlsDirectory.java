package io.javisor.images.bls;

import io.javisor.images.disk.FileSystem;
import io.javisor.images.disk.TextFiles;
import java.util.List;

/** The entries in a directory. */
public final class BlsDirectory {
    /** Where they are, in a file system for booting, and in a root file system. */
    public static final List<String> PATHS = List.of("/loader/entries", "/boot/loader/entries");

    private static final int ENTRY_COUNT_MAX = 256;
    private static final int ENTRY_SIZE_MAX = 16 << 10;

    private BlsDirectory() {}

    /**
     * Those that start Linux on this architecture, best first.
     *
     * @throws io.javisor.images.ImageException if they can't be read, or are far too many
     */
    public static List<BlsEntry> entries(FileSystem files, String directory) {
        List<String> names = files.names(directory).stream()
                .filter(BlsEntry::isEntry)
                .sorted()
                .toList();
        return names.stream()
                // Far more than any installation keeps.
                .limit(ENTRY_COUNT_MAX)
                .map(name -> BlsEntry.parse(name, TextFiles.text(files, directory + "/" + name, ENTRY_SIZE_MAX)))
                .filter(BlsEntry::isLinux)
                .sorted(BlsEntry.BEST_FIRST)
                .toList();
    }
}
