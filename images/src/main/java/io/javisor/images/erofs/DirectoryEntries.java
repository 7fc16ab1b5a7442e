package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import java.util.ArrayList;
import java.util.List;

/**
 * The entries of a directory that is written, in the order of their names' bytes, which the kernel searches by (Linux 6.1,
 * fs/erofs/namei.c): in each block first the entries, then their names.
 */
final class DirectoryEntries {
    private final List<String> names;
    private final List<PlannedInode> inodes;

    /** For so many names; dot and dot-dot are not counted. */
    DirectoryEntries(int count) {
        names = new ArrayList<>(count + 2);
        inodes = new ArrayList<>(count + 2);
    }

    /** Adds an entry, behind which all others come. */
    void add(String name, PlannedInode inode) {
        names.add(name);
        inodes.add(inode);
    }

    /** Puts the directory itself and its parent where they belong. */
    void addDots(PlannedInode self) {
        insert(".", self);
        insert("..", self.parent());
    }

    private void insert(String name, PlannedInode inode) {
        int at = 0;
        // Few names sort before a dot.
        while (at < names.size() && names.get(at).compareTo(name) < 0) {
            at++;
        }
        names.add(at, name);
        inodes.add(at, inode);
    }

    /** How long the directory is: the last block ends behind its last name. */
    long sizeBytes() {
        long blocks = 0;
        int used = 0;
        for (String name : names) {
            int size = DIRENT_SIZE + name.length();
            if (used + size > BLOCK_SIZE) {
                blocks++;
                used = 0;
            }
            used += size;
        }
        return blocks * BLOCK_SIZE + used;
    }

    /** Writes it, without the rest of the last block. */
    void write(MetadataOutput output) {
        int start = 0;
        while (start < names.size()) {
            int end = start;
            int used = 0;
            while (end < names.size() && used + DIRENT_SIZE + names.get(end).length() <= BLOCK_SIZE) {
                used += DIRENT_SIZE + names.get(end).length();
                end++;
            }
            writeBlock(output, start, end);
            if (end < names.size()) {
                output.zeros(BLOCK_SIZE - used);
            }
            start = end;
        }
    }

    private void writeBlock(MetadataOutput output, int start, int end) {
        int nameOffset = (end - start) * DIRENT_SIZE;
        for (int i = start; i < end; i++) {
            PlannedInode inode = inodes.get(i);
            output.u64(inode.nid());
            output.u16(nameOffset);
            output.u8(ErofsKind.of(inode.node()).fileType());
            output.u8(0);
            nameOffset += names.get(i).length();
        }
        for (int i = start; i < end; i++) {
            output.latin1(names.get(i));
        }
    }
}
