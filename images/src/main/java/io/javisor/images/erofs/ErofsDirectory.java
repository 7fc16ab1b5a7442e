package io.javisor.images.erofs;

import static io.javisor.images.erofs.ErofsLayout.*;

import io.javisor.images.ImageException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory. Its names are sorted by their bytes, dot and dot-dot among them; they are searched as Linux 6.1 does (fs/erofs/namei.c). */
record ErofsDirectory(ErofsInodes inodes, ErofsInode inode, ErofsContent content) {
    /** To list: more than a million short names. */
    private static final long SIZE_MAX = 16 << 20;

    static ErofsDirectory of(ErofsInodes inodes, ErofsInode inode) {
        return new ErofsDirectory(inodes, inode, ErofsContent.of("directory", inodes, inode));
    }

    /** The entry with this name; null if there is none, and for dot and dot-dot. */
    @Nullable
    ErofsEntry find(String name) {
        if (!ErofsNames.isValid(name)) {
            return null;
        }
        long low = 0;
        long high = blocksOf(content.sizeBytes()) - 1;
        while (low <= high) {
            long middle = low + (high - low) / 2;
            DirectoryBlock block = block(middle);
            if (block.name(0).compareTo(name) > 0) {
                high = middle - 1;
            } else if (block.name(block.count() - 1).compareTo(name) < 0) {
                low = middle + 1;
            } else {
                return find(block, name);
            }
        }
        return null;
    }

    private @Nullable ErofsEntry find(DirectoryBlock block, String name) {
        int low = 0;
        int high = block.count() - 1;
        while (low <= high) {
            int middle = (low + high) / 2;
            int order = block.name(middle).compareTo(name);
            if (order == 0) {
                return entry(block, middle);
            }
            if (order > 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return null;
    }

    /** All entries but dot and dot-dot, in order. */
    List<ErofsEntry> entries() {
        long size = content.sizeBytes();
        if (size > SIZE_MAX) {
            throw inodes.blocks()
                    .image()
                    .problem("a directory of %d bytes is too long to be listed: %d are possible"
                            .formatted(size, SIZE_MAX));
        }
        List<ErofsEntry> entries = new ArrayList<>();
        String last = "";
        for (long number = 0; number < blocksOf(size); number++) {
            DirectoryBlock block = block(number);
            for (int i = 0; i < block.count(); i++) {
                String name = block.name(i);
                if (name.compareTo(last) <= 0) {
                    throw damaged("has names that are not in order");
                }
                last = name;
                if (!name.equals(".") && !name.equals("..")) {
                    entries.add(entry(block, i));
                }
            }
        }
        return entries;
    }

    private ErofsEntry entry(DirectoryBlock block, int index) {
        String name = block.name(index);
        if (!ErofsNames.isValid(name)) {
            throw damaged("has a name of %d bytes that is not one of a file".formatted(name.length()));
        }
        ErofsKind kind = ErofsKind.ofFileType(block.fileType(index));
        if (kind == null) {
            throw damaged("has an entry of type %d".formatted(block.fileType(index)));
        }
        return new ErofsEntry(name, kind, block.nid(index));
    }

    private DirectoryBlock block(long number) {
        long offset = number * BLOCK_SIZE;
        int length = (int) Math.min(BLOCK_SIZE, content.sizeBytes() - offset);
        DirectoryBlock block =
                DirectoryBlock.parse(inodes.blocks().fields(content.imageOffset(offset), length, "a directory"));
        if (block == null) {
            throw damaged("has a block with names outside of it");
        }
        return block;
    }

    private ImageException damaged(String what) {
        return inodes.damaged(inode.nid(), "is a directory that " + what);
    }
}
