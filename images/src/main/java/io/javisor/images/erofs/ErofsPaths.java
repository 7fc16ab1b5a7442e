package io.javisor.images.erofs;

import io.javisor.core.text.Printable;
import io.javisor.images.ByteSource;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Follows paths from the root, as the kernel does; nothing leads above the root. Slashes and dots at the end count for nothing. */
record ErofsPaths(ErofsFileSystem files, ByteSource image) {
    /** As in Linux (MAXSYMLINKS). */
    private static final int LINK_MAX = 40;

    /** As in Linux (PATH_MAX). */
    private static final int PATH_LENGTH_MAX = 4096;

    /** @param last whether a symbolic link at the end is followed */
    @Nullable
    ErofsInode find(String path, boolean last) {
        Deque<ErofsInode> walked = new ArrayDeque<>();
        walked.push(files.root());
        Deque<String> names = new ArrayDeque<>();
        push(names, path);
        int links = 0;
        while (!names.isEmpty()) {
            String name = names.pop();
            if (name.equals("..")) {
                if (walked.element().kind() != ErofsKind.DIRECTORY) {
                    return null;
                }
                // The root's parent is the root.
                if (walked.size() > 1) {
                    walked.pop();
                }
                continue;
            }
            ErofsInode inode = child(walked.element(), name);
            if (inode == null) {
                return null;
            }
            if (inode.kind() != ErofsKind.SYMBOLIC_LINK || (names.isEmpty() && !last)) {
                walked.push(inode);
                continue;
            }
            if (++links > LINK_MAX) {
                throw image.problem(
                        "%s leads through more than %d symbolic links".formatted(Printable.asciiLine(path), LINK_MAX));
            }
            String target = files.target(inode);
            if (target.startsWith("/")) {
                while (walked.size() > 1) {
                    walked.pop();
                }
            }
            push(names, target);
        }
        return walked.element();
    }

    private @Nullable ErofsInode child(ErofsInode parent, String name) {
        if (parent.kind() != ErofsKind.DIRECTORY) {
            return null;
        }
        ErofsEntry entry = files.entry(parent, name);
        return entry == null ? null : files.inode(entry);
    }

    private void push(Deque<String> names, String path) {
        // Links may add to what is left: so the sum is bounded by their number.
        if (path.length() > PATH_LENGTH_MAX) {
            throw image.problem("a path of %d characters leads nowhere".formatted(path.length()));
        }
        String[] parts = path.split("/", -1);
        for (int i = parts.length - 1; i >= 0; i--) {
            if (!parts[i].isEmpty() && !parts[i].equals(".")) {
                names.push(parts[i]);
            }
        }
    }
}
