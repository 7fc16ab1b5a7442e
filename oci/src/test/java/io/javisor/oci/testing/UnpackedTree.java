package io.javisor.oci.testing;

import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.images.erofs.ErofsNode;
import io.javisor.oci.Digest;
import io.javisor.testkit.junit.HostTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is in a directory of the host, or should be by a merged tree: a line for each path. Names are bytes. */
public final class UnpackedTree {
    private UnpackedTree() {}

    /**
     * What coreutils and findutils say of a directory.
     *
     * @param owners whether it is to be said whose files are, and which devices
     * @param scratch a directory for what tools print
     */
    public static Map<String, String> of(Path root, Path scratch, boolean owners) {
        String shell = "cd \"$1\" && find . -print0 | xargs -0 stat --printf '%n\\0%F %a %u %g %s %Y %t:%T\\0'";
        Map<String, String> kinds = fields(scratch, shell, root);
        Map<String, String> targets = fields(scratch, "cd \"$1\" && find . -type l -printf '%p\\0%l\\0'", root);
        Map<String, String> contents = new HashMap<>();
        String sums = HostTool.run(
                scratch,
                "",
                "sh",
                "-c",
                "cd \"$1\" && find . -type f -print0 | xargs -0 -r sha256sum -z",
                "sh",
                root.toString());
        for (String line : sums.split("\0", -1)) {
            if (!line.isEmpty()) {
                contents.put(line.substring(66), line.substring(0, 64));
            }
        }
        Map<String, String> all = new TreeMap<>();
        kinds.forEach((path, text) -> {
            String[] words = text.substring(text.length() - text.strip().length())
                    .split(" (?=[0-7]+ \\d+ \\d+ \\d+ -?\\d+ )", 2);
            String[] numbers = words[1].split(" ", -1);
            all.put(
                    path.equals(".") ? "" : path.substring(2),
                    line(
                            words[0],
                            Integer.parseInt(numbers[0], 8),
                            owners ? numbers[1] + ":" + numbers[2] : "",
                            Long.parseLong(numbers[3]),
                            Long.parseLong(numbers[4]),
                            owners ? numbers[5] : "0:0",
                            targets.getOrDefault(path, contents.getOrDefault(path, ""))));
        });
        return all;
    }

    private static Map<String, String> fields(Path scratch, String shell, Path root) {
        Map<String, String> fields = new HashMap<>();
        String[] words = HostTool.run(scratch, "", "sh", "-c", shell, "sh", root.toString())
                .split("\0", -1);
        for (int i = 0; i + 1 < words.length; i += 2) {
            fields.put(words[i], words[i + 1]);
        }
        return fields;
    }

    private static String line(
            String kind, int mode, String owner, long size, long mtime, String device, String content) {
        return switch (kind) {
            case "directory" -> "d %o %s".formatted(mode, owner);
            case "symbolic link" -> "l %s %d -> %s".formatted(owner, mtime, content);
            case "regular file", "regular empty file" ->
                "f %o %s %d %d %s".formatted(mode, owner, mtime, size, content);
            case "fifo" -> "p %o %s %d".formatted(mode, owner, mtime);
            default -> "%s %o %s %d %s".formatted(kind.substring(0, 1), mode, owner, mtime, device);
        };
    }

    /** What should be there of a tree over these layers. */
    public static Map<String, String> of(ErofsNode.Directory root, List<LayerRun> layers, boolean owners) {
        Map<String, String> all = new TreeMap<>();
        Nodes.flat(root).forEach((path, node) -> all.put(path, line(node, layers, owners)));
        return all;
    }

    private static String line(ErofsNode node, List<LayerRun> layers, boolean owners) {
        ErofsAttributes attributes = node.attributes();
        String owner = owners
                ? Integer.toUnsignedString(attributes.uid()) + ":" + Integer.toUnsignedString(attributes.gid())
                : "";
        return switch (node) {
            case ErofsNode.Directory _ -> line("directory", attributes.mode(), owner, 0, 0, "", "");
            case ErofsNode.Symlink link ->
                line("symbolic link", 0, owner, 0, attributes.mtimeSeconds(), "", link.target());
            case ErofsNode.RegularFile file -> {
                String content = file.sizeBytes() == 0
                        ? ""
                        : layers.get(file.source()).content(file.firstBlock(), file.sizeBytes());
                yield line(
                        "regular file",
                        attributes.mode(),
                        owner,
                        file.sizeBytes(),
                        attributes.mtimeSeconds(),
                        "",
                        Digest.sha256(content.getBytes(StandardCharsets.ISO_8859_1))
                                .hex());
            }
            case ErofsNode.Special special -> {
                boolean fifo = special.kind() == ErofsNode.Special.Kind.FIFO;
                String kind = fifo
                        ? "fifo"
                        : special.kind() == ErofsNode.Special.Kind.BLOCK_DEVICE
                                ? "block special file"
                                : "character special file";
                String device = owners
                        ? Integer.toHexString(special.major()) + ":" + Integer.toHexString(special.minor())
                        : "0:0";
                yield line(kind, attributes.mode(), owner, 0, attributes.mtimeSeconds(), device, "");
            }
        };
    }

    /** Which names of files are one inode's, in order. */
    public static String hardLinks(Path root, Path scratch) {
        Map<String, String> inodes = fields(scratch, "cd \"$1\" && find . -type f -printf '%P\\0%i\\0'", root);
        return groups(inodes);
    }

    /** The same of a tree. */
    public static String hardLinks(ErofsNode.Directory root) {
        Map<String, String> inodes = new HashMap<>();
        Nodes.flat(root).forEach((path, node) -> {
            if (node instanceof ErofsNode.RegularFile) {
                inodes.put(path, Integer.toString(System.identityHashCode(node)));
            }
        });
        return groups(inodes);
    }

    private static String groups(Map<String, String> inodes) {
        Map<String, TreeMap<String, String>> groups = new HashMap<>();
        inodes.forEach((path, inode) ->
                groups.computeIfAbsent(inode, _ -> new TreeMap<>()).put(path, path));
        return groups.values().stream()
                .filter(group -> group.size() > 1)
                .map(group -> group.keySet().toString())
                .sorted()
                .toList()
                .toString();
    }
}
