package io.javisor.oci.tree;

import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.images.erofs.ErofsNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds directories of a tree as Linux would if its root were the tree's: symbolic links on the way are followed, and nothing leads out. It needs no stack for deep trees. */
final class TreeWalk {
    /** As Linux has it (include/linux/namei.h, MAXSYMLINKS). */
    private static final int LINKS_MAX = 40;

    /** Deeper than this no path leads, as Linux takes 4095 bytes. */
    private static final int DEPTH_MAX = 2048;

    /** Steps along targets of symbolic links for all of an image: about a second. */
    private static final int LINK_STEPS_MAX = 1 << 24;

    /** Files and directories of an image: with its metadata planned, half of the 256 MiB that javisor's heap has. */
    static final int NODES_MAX = 1 << 19;

    private final ErofsNode.Directory root;
    private final List<ErofsNode.Directory> way = new ArrayList<>();
    private final List<Names> pending = new ArrayList<>();
    private int links;
    private int linkSteps;
    private int nodes;

    TreeWalk(ErofsNode.Directory root) {
        this.root = root;
    }

    /** Whether a symbolic link at the place that a path's first bytes name is followed. */
    @FunctionalInterface
    interface Follow {
        boolean follow(String prefix);
    }

    /** Names of a path one after the other. */
    private static final class Names {
        private final String path;
        private int at;

        Names(String path) {
            this.path = path;
        }

        /** The next one, or null. */
        @Nullable
        String next() {
            while (at < path.length() && path.charAt(at) == '/') {
                at++;
            }
            if (at == path.length()) {
                return null;
            }
            int slash = path.indexOf('/', at);
            int end = slash < 0 ? path.length() : slash;
            String name = path.substring(at, end);
            at = end;
            return name;
        }

        /** The path up to the name that came last. */
        String prefix() {
            return path.substring(0, at);
        }
    }

    /** Counts a node that is put into the tree where none was. */
    void count() throws TreeException {
        if (++nodes > NODES_MAX) {
            throw new TreeException("the image has more files than the %d that one may have".formatted(NODES_MAX));
        }
    }

    /** The directory at a path, which is made, with those on the way, if it is not there. */
    ErofsNode.Directory make(String path) throws TreeException {
        begin(path);
        String name = next();
        while (name != null) {
            if (!name.equals(".") && !name.equals("..")) {
                ErofsNode child = here().children().get(name);
                if (child == null) {
                    count();
                    child = new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY);
                    here().children().put(name, child);
                }
                switch (child) {
                    case ErofsNode.Directory directory -> enter(directory);
                    case ErofsNode.Symlink link -> follow(link);
                    case ErofsNode.RegularFile _, ErofsNode.Special _ ->
                        throw new TreeException("what should be a directory on its way is none");
                }
            } else {
                points(name);
            }
            name = next();
        }
        return here();
    }

    /**
     * The directory at a path; null if it is not there.
     *
     * @param follow asked of each symbolic link that the path itself names; without consent the directory is not there
     */
    ErofsNode.@Nullable Directory find(String path, Follow follow) throws TreeException {
        begin(path);
        String name = next();
        while (name != null) {
            if (!name.equals(".") && !name.equals("..")) {
                switch (here().children().get(name)) {
                    case ErofsNode.Directory directory -> enter(directory);
                    case ErofsNode.Symlink link -> {
                        if (pending.size() == 1
                                && !follow.follow(pending.getFirst().prefix())) {
                            return null;
                        }
                        follow(link);
                    }
                    case ErofsNode.RegularFile _, ErofsNode.Special _ -> {
                        return null;
                    }
                    case null -> {
                        return null;
                    }
                }
            } else {
                points(name);
            }
            name = next();
        }
        return here();
    }

    private void begin(String path) {
        way.clear();
        way.add(root);
        pending.clear();
        pending.add(new Names(path));
        links = 0;
    }

    private ErofsNode.Directory here() {
        return way.getLast();
    }

    private @Nullable String next() throws TreeException {
        while (!pending.isEmpty()) {
            String name = pending.getLast().next();
            if (name != null) {
                if (pending.size() > 1 && ++linkSteps > LINK_STEPS_MAX) {
                    throw new TreeException("the image's symbolic links make its paths too long");
                }
                return name;
            }
            if (pending.size() == 1) {
                return null;
            }
            pending.removeLast();
        }
        return null;
    }

    private void points(String name) {
        if (name.length() == 2 && way.size() > 1) {
            way.removeLast();
        }
    }

    private void enter(ErofsNode.Directory directory) throws TreeException {
        if (way.size() > DEPTH_MAX) {
            throw new TreeException("it is more than %d directories below the root".formatted(DEPTH_MAX));
        }
        way.add(directory);
    }

    private void follow(ErofsNode.Symlink link) throws TreeException {
        if (++links > LINKS_MAX) {
            throw new TreeException("its path leads through more than %d symbolic links".formatted(LINKS_MAX));
        }
        if (link.target().startsWith("/")) {
            way.clear();
            way.add(root);
        }
        pending.add(new Names(link.target()));
    }
}
