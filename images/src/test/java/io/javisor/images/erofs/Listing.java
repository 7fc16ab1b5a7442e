package io.javisor.images.erofs;

import io.javisor.images.ByteSource;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A line for each name in a tree, by its path: all that there is to know of it. Two trees are equal if their lists are. */
final class Listing {
    private final Map<String, String> lines = new TreeMap<>();

    private Listing() {}

    /** Of a tree to be written. */
    static Map<String, String> of(ErofsTree tree) {
        Listing listing = new Listing();
        IdentityHashMap<ErofsNode, Integer> links = new IdentityHashMap<>();
        count(tree.root(), links);
        listing.addNode(tree, "", tree.root(), links, new IdentityHashMap<>());
        return listing.lines;
    }

    /** Of a file system that is read. */
    static Map<String, String> of(ErofsFileSystem files) {
        Listing listing = new Listing();
        listing.addInode(files, "", files.root(), new HashMap<>());
        return listing.lines;
    }

    private static void count(ErofsNode node, IdentityHashMap<ErofsNode, Integer> links) {
        if (node instanceof ErofsNode.Directory directory) {
            int subdirectories = 0;
            for (ErofsNode child : directory.children().values()) {
                subdirectories += child instanceof ErofsNode.Directory ? 1 : 0;
                count(child, links);
            }
            links.put(node, 2 + subdirectories);
        } else {
            links.merge(node, 1, Integer::sum);
        }
    }

    private void addNode(
            ErofsTree tree,
            String path,
            ErofsNode node,
            IdentityHashMap<ErofsNode, Integer> links,
            IdentityHashMap<ErofsNode, String> firstNames) {
        String first = firstNames.putIfAbsent(node, path);
        String what =
                switch (node) {
                    case ErofsNode.Directory _ -> "DIRECTORY";
                    case ErofsNode.RegularFile file -> "REGULAR_FILE " + content(tree.content(file));
                    case ErofsNode.Symlink link -> "SYMBOLIC_LINK " + link.target();
                    case ErofsNode.Special special ->
                        "%s %d:%d".formatted(special.kind(), special.major(), special.minor());
                };
        put(path, first, what, links.getOrDefault(node, 0), node.attributes());
        if (node instanceof ErofsNode.Directory directory) {
            directory.children().forEach((name, child) -> addNode(tree, path + "/" + name, child, links, firstNames));
        }
    }

    private void addInode(ErofsFileSystem files, String path, ErofsInode inode, Map<Long, String> firstNames) {
        String first = firstNames.putIfAbsent(inode.nid(), path);
        String what =
                switch (inode.kind()) {
                    case DIRECTORY -> "DIRECTORY";
                    case REGULAR_FILE -> "REGULAR_FILE " + content(read(files.content(inode, path)));
                    case SYMBOLIC_LINK -> "SYMBOLIC_LINK " + files.target(inode);
                    default -> "%s %d:%d".formatted(inode.kind(), inode.major(), inode.minor());
                };
        put(path, first, what, inode.linkCount(), files.attributes(inode));
        if (inode.kind() == ErofsKind.DIRECTORY) {
            if (first != null) {
                throw new AssertionError(path + " is " + first);
            }
            for (ErofsEntry entry : files.entries(inode)) {
                addInode(files, path + "/" + entry.name(), files.inode(entry), firstNames);
            }
        }
    }

    private void put(String path, @Nullable String first, String what, long links, ErofsAttributes attributes) {
        lines.put(
                path,
                "%s, %d links, as %s: %o %d:%d %d.%09d %s"
                        .formatted(
                                what,
                                links,
                                first,
                                attributes.mode(),
                                attributes.uid(),
                                attributes.gid(),
                                attributes.mtimeSeconds(),
                                attributes.mtimeNanos(),
                                new TreeMap<>(attributes.xattrs())));
    }

    private static String content(byte[] bytes) {
        return bytes.length + " bytes " + Arrays.hashCode(bytes);
    }

    static byte[] read(ByteSource source) {
        byte[] bytes = new byte[(int) source.sizeBytes()];
        source.read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }
}
