package io.javisor.images.erofs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Trees with all that a file system can hold, in every odd form; the same for the same seed. */
final class RandomTree {
    private static final String[] ODD_NAMES = {
        " ",
        "-",
        "!",
        "...",
        "..a",
        ".a",
        ".!",
        "a b",
        "a\nb",
        "\n",
        "\\",
        "\u0001",
        "\u00E4\u00F6",
        "\u00FF\u00FE",
        "\u00C3\u00A4",
        "%s",
        "*",
        "a",
        "aa",
        "b"
    };
    private static final int DEPTH_MAX = 8;

    /**
     * Version 2, then the owner, the group and all others, each with permissions and no id (Linux 6.1,
     * include/uapi/linux/posix_acl_xattr.h).
     */
    private static final String ACL = "\2\0\0\0"
            + "\1\0\6\0\u00FF\u00FF\u00FF\u00FF"
            + "\4\0\4\0\u00FF\u00FF\u00FF\u00FF"
            + "\40\0\4\0\u00FF\u00FF\u00FF\u00FF";

    private final Random random;
    private final ErofsTree tree;
    private final List<ErofsNode.Directory> directories = new ArrayList<>();
    private final Map<ErofsNode.Directory, Integer> depths = new HashMap<>();
    private final List<ErofsNode> others = new ArrayList<>();

    /** Whether it can be unpacked by any user: no devices, no times before 1970, and the owner may read it. */
    private final boolean tame;

    private RandomTree(long seed, boolean tame) {
        this.random = new Random(seed);
        this.tame = tame;
        this.tree = new ErofsTree(1 + random.nextInt(12), directoryAttributes());
        directories.add(tree.root());
        depths.put(tree.root(), 0);
    }

    static ErofsTree of(long seed, int nodes) {
        return new RandomTree(seed, false).grow(nodes);
    }

    /** One that {@code fsck.erofs --extract} can unpack without being root. */
    static ErofsTree tame(long seed, int nodes) {
        return new RandomTree(seed, true).grow(nodes);
    }

    private ErofsTree grow(int nodes) {
        for (int i = 0; i < nodes; i++) {
            ErofsNode.Directory parent = directories.get(random.nextInt(directories.size()));
            String name = name();
            if (parent.children().containsKey(name)) {
                continue;
            }
            parent.children().put(name, node(depths.getOrDefault(parent, 0) + 1));
        }
        if (random.nextBoolean()) {
            ErofsNode.Directory large = directory(1);
            int count = tame ? 1000 : 3000 + random.nextInt(3000);
            for (int i = 0; i < count; i++) {
                String name = "file-" + random.nextInt(1_000_000);
                // Hard links are many files when they are unpacked.
                boolean link = tame || others.isEmpty();
                large.children().put(name, link ? symlink() : others.get(random.nextInt(others.size())));
            }
            tree.root().children().put("large", large);
        }
        return tree;
    }

    private ErofsNode node(int depth) {
        int choice = random.nextInt(20);
        if (choice < 5 && depth < DEPTH_MAX) {
            return directory(depth);
        }
        if (choice < 7 && !others.isEmpty()) {
            return others.get(random.nextInt(others.size()));
        }
        ErofsNode node =
                switch (choice) {
                    case 7, 8, 9 -> symlink();
                    case 10 -> special();
                    default -> file();
                };
        others.add(node);
        return node;
    }

    private ErofsNode.Directory directory(int depth) {
        ErofsNode.Directory directory = new ErofsNode.Directory(directoryAttributes());
        directories.add(directory);
        depths.put(directory, depth);
        return directory;
    }

    private ErofsNode.RegularFile file() {
        int size =
                switch (random.nextInt(6)) {
                    case 0 -> 0;
                    case 1 -> ErofsTree.BLOCK * random.nextInt(4);
                    case 2 -> ErofsTree.BLOCK * random.nextInt(4) + random.nextInt(3) - 1;
                    case 3 -> random.nextInt(40_000);
                    default -> random.nextInt(100);
                };
        byte[] content = new byte[Math.max(0, size)];
        random.nextBytes(content);
        return tree.file(attributes(tame ? 0400 : 0), content, random.nextInt(tree.sourceCount()));
    }

    private ErofsNode.Symlink symlink() {
        int length =
                switch (random.nextInt(6)) {
                    case 0 -> 4095 - random.nextInt(80);
                    case 1 -> 1 + random.nextInt(4095);
                    default -> 1 + random.nextInt(60);
                };
        return new ErofsNode.Symlink(attributes(0), bytes(length, '\u0001', '\u00FF'));
    }

    private ErofsNode.Special special() {
        ErofsNode.Special.Kind kind =
                switch (random.nextInt(tame ? 2 : 4)) {
                    case 0 -> ErofsNode.Special.Kind.FIFO;
                    case 1 -> ErofsNode.Special.Kind.SOCKET;
                    case 2 -> ErofsNode.Special.Kind.BLOCK_DEVICE;
                    default -> ErofsNode.Special.Kind.CHARACTER_DEVICE;
                };
        boolean device = kind == ErofsNode.Special.Kind.BLOCK_DEVICE || kind == ErofsNode.Special.Kind.CHARACTER_DEVICE;
        return new ErofsNode.Special(
                attributes(0), kind, device ? random.nextInt(0x1000) : 0, device ? random.nextInt(0x10_0000) : 0);
    }

    private ErofsAttributes directoryAttributes() {
        return attributes(tame ? 0700 : 0);
    }

    private ErofsAttributes attributes(int always) {
        long seconds =
                switch (random.nextInt(tame ? 2 : 4)) {
                    case 0 -> random.nextInt(Integer.MAX_VALUE);
                    case 1 -> Integer.MAX_VALUE + (long) random.nextInt(1_000_000);
                    case 2 -> -random.nextInt(Integer.MAX_VALUE);
                    default -> random.nextLong();
                };
        return new ErofsAttributes(
                random.nextInt(010000) | always,
                random.nextInt(),
                random.nextInt(),
                seconds,
                random.nextInt(1_000_000_000),
                random.nextInt(6) == 0 ? xattrs() : Map.of());
    }

    private Map<String, String> xattrs() {
        Map<String, String> xattrs = new HashMap<>();
        int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 60 : 4);
        for (int i = 0; i < count; i++) {
            String prefix = new String[] {"user.", "trusted.", "security."}[random.nextInt(3)];
            int length = random.nextInt(8) == 0 ? random.nextInt(4000) : random.nextInt(40);
            xattrs.put(prefix + bytes(1 + random.nextInt(20), '!', '\u00FF'), bytes(length, '\0', '\u00FF'));
        }
        if (random.nextInt(4) == 0) {
            xattrs.put("system.posix_acl_access", ACL);
            xattrs.put("system.posix_acl_default", ACL);
        }
        return xattrs;
    }

    private String name() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> ODD_NAMES[random.nextInt(ODD_NAMES.length)];
            case 2 -> bytes(255, '0', '\u00FF');
            case 3 -> bytes(1 + random.nextInt(255), '0', '\u00FF');
            default -> bytes(1 + random.nextInt(12), 'a', 'z');
        };
    }

    private String bytes(int length, char first, char last) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) (first + random.nextInt(last - first + 1)));
        }
        return text.toString();
    }
}
