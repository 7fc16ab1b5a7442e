package io.javisor.oci.testing;

import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.images.erofs.ErofsNode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A merged tree in lines that tests compare. */
public final class Nodes {
    private Nodes() {}

    /** Every node by its path; the root's is empty. Deep trees take no stack. */
    public static Map<String, ErofsNode> flat(ErofsNode.Directory root) {
        Map<String, ErofsNode> all = new TreeMap<>();
        all.put("", root);
        List<String> pending = new ArrayList<>(List.of(""));
        while (!pending.isEmpty()) {
            String path = pending.removeLast();
            if (all.get(path) instanceof ErofsNode.Directory directory) {
                directory.children().forEach((name, child) -> {
                    String below = path.isEmpty() ? name : path + "/" + name;
                    all.put(below, child);
                    pending.add(below);
                });
            }
        }
        return all;
    }

    /** A line a node, in order: {@code d} or what it is, its path, what it holds, and for a further name of an inode the first one. */
    public static String text(ErofsNode.Directory root) {
        StringBuilder text = new StringBuilder();
        IdentityHashMap<ErofsNode, String> first = new IdentityHashMap<>();
        flat(root).forEach((path, node) -> {
            if (path.isEmpty()) {
                return;
            }
            String known = first.putIfAbsent(node, path);
            text.append(text.isEmpty() ? "" : " | ").append(path).append(known == null ? what(node) : "==" + known);
        });
        return text.toString();
    }

    private static String what(ErofsNode node) {
        return switch (node) {
            case ErofsNode.Directory directory ->
                directory.attributes().equals(ErofsAttributes.DEFAULT_DIRECTORY)
                        ? "/"
                        : "/" + Integer.toOctalString(directory.attributes().mode());
            case ErofsNode.RegularFile file -> "=" + file.source() + ":" + file.firstBlock();
            case ErofsNode.Symlink link -> "->" + link.target();
            case ErofsNode.Special special -> " " + special.kind();
        };
    }
}
