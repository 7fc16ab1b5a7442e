package io.javisor.oci.tree;

import io.javisor.core.text.Printable;
import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.images.erofs.ErofsNode;
import io.javisor.oci.OciException;
import io.javisor.oci.layer.LayerEntry;
import io.javisor.oci.layer.LayerTable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Layers put upon each other (OCI image-spec 1.1, layer.md, "Applying Changesets"), as umoci and containerd do it:
 *
 * <ul>
 *   <li>Whiteouts and opaque directories hide what layers below have, and nothing of their own layer, in whatever order they come.
 *   <li>Then entries count in their order. A directory where one is takes its place's attributes and leaves its content; anything else takes the place of what is there.
 *   <li>Symbolic links on the way of a path are followed within the image; a directory entry in the place of a link replaces it. Directories that nobody described are root's, 0755.
 *   <li>A hard link has the attributes of its target, which is not followed if it is a symbolic link. If the target is missing and the link brings its content, it is a file of its own.
 * </ul>
 *
 * <p>Refused, in one line, are a path below what is no directory, a loop of symbolic links, a hard link to nothing or to a directory, more than 2048 directories below each other. Not for
 * several threads.
 */
public final class ImageTree {
    private final String imageName;
    private final ErofsNode.Directory root = new ErofsNode.Directory(ErofsAttributes.DEFAULT_DIRECTORY);
    private final TreeWalk walk = new TreeWalk(root);
    private int layers;

    /** An image without layers. */
    public ImageTree(String imageName) {
        this.imageName = imageName;
    }

    /**
     * The tree of all of an image's layers.
     *
     * @param imageName for messages
     * @param layers from the lowest up; {@link ErofsNode.RegularFile#source()} is the place in this list
     * @throws OciException in one line, if they don't fit together
     */
    public static ErofsNode.Directory merge(String imageName, List<LayerTable> layers) {
        ImageTree tree = new ImageTree(imageName);
        layers.forEach(tree::add);
        return tree.root();
    }

    /** What the layers give so far. */
    public ErofsNode.Directory root() {
        return root;
    }

    /**
     * Puts a layer upon those that are there. The tree is of no use after an exception.
     *
     * @throws OciException in one line, if it does not fit upon them
     */
    public void add(LayerTable layer) {
        hide(layer.entries());
        for (LayerEntry entry : layer.entries()) {
            try {
                put(entry);
            } catch (TreeException e) {
                throw problem(entry, e);
            }
        }
        layers++;
    }

    private OciException problem(LayerEntry entry, TreeException e) {
        return new OciException("%s: layer %d: \"%s\": %s"
                .formatted(imageName, layers + 1, Printable.asciiLine(entry.path()), e.getMessage()));
    }

    private void hide(List<LayerEntry> entries) {
        // A link below what the layer replaces or hides leads nowhere that the layer means.
        Set<String> replaced = new HashSet<>();
        boolean hides = false;
        for (LayerEntry entry : entries) {
            switch (entry.kind()) {
                case WHITEOUT -> {
                    hides = true;
                    replaced.add(entry.path());
                }
                case OPAQUE -> hides = true;
                case DIRECTORY -> replaced.add(entry.path());
                default -> {}
            }
        }
        if (!hides) {
            return;
        }
        for (LayerEntry entry : entries) {
            try {
                hide(entry, replaced);
            } catch (TreeException e) {
                throw problem(entry, e);
            }
        }
    }

    private void hide(LayerEntry entry, Set<String> replaced) throws TreeException {
        switch (entry.kind()) {
            case WHITEOUT -> {
                ErofsNode.Directory parent = walk.find(parent(entry.path()), path -> !replaced.contains(path));
                if (parent != null) {
                    parent.children().remove(name(entry.path()));
                }
            }
            case OPAQUE -> {
                ErofsNode.Directory directory = walk.find(entry.path(), path -> !replaced.contains(path));
                if (directory != null) {
                    directory.children().clear();
                }
            }
            default -> {}
        }
    }

    private void put(LayerEntry entry) throws TreeException {
        switch (entry.kind()) {
            case WHITEOUT, OPAQUE -> {}
            case DIRECTORY -> putDirectory(entry);
            case FILE -> put(entry, file(entry));
            case SYMLINK -> put(entry, new ErofsNode.Symlink(entry.attributes(), entry.target()));
            case HARD_LINK -> put(entry, linked(entry));
            case CHARACTER_DEVICE -> put(entry, special(entry, ErofsNode.Special.Kind.CHARACTER_DEVICE));
            case BLOCK_DEVICE -> put(entry, special(entry, ErofsNode.Special.Kind.BLOCK_DEVICE));
            case FIFO -> put(entry, special(entry, ErofsNode.Special.Kind.FIFO));
        }
    }

    private void putDirectory(LayerEntry entry) throws TreeException {
        if (entry.path().isEmpty()) {
            root.attributes(entry.attributes());
            return;
        }
        ErofsNode.Directory parent = walk.make(parent(entry.path()));
        if (parent.children().get(name(entry.path())) instanceof ErofsNode.Directory directory) {
            directory.attributes(entry.attributes());
        } else {
            add(parent, entry, new ErofsNode.Directory(entry.attributes()));
        }
    }

    private void put(LayerEntry entry, ErofsNode node) throws TreeException {
        add(walk.make(parent(entry.path())), entry, node);
    }

    private void add(ErofsNode.Directory parent, LayerEntry entry, ErofsNode node) throws TreeException {
        if (parent.children().put(name(entry.path()), node) == null) {
            walk.count();
        }
    }

    private ErofsNode file(LayerEntry entry) {
        return new ErofsNode.RegularFile(entry.attributes(), entry.sizeBytes(), layers, entry.firstBlock());
    }

    private static ErofsNode special(LayerEntry entry, ErofsNode.Special.Kind kind) {
        return new ErofsNode.Special(entry.attributes(), kind, entry.major(), entry.minor());
    }

    private ErofsNode linked(LayerEntry entry) throws TreeException {
        ErofsNode.Directory parent = walk.find(parent(entry.target()), _ -> true);
        @Nullable ErofsNode target = parent == null ? null : parent.children().get(name(entry.target()));
        if (target instanceof ErofsNode.Directory) {
            throw new TreeException("a hard link to a directory, " + quoted(entry.target()));
        }
        if (target == null && entry.sizeBytes() == 0) {
            throw new TreeException("a hard link to %s, which is not there".formatted(quoted(entry.target())));
        }
        return target == null ? file(entry) : target;
    }

    private static String quoted(String path) {
        return '"' + Printable.asciiLine(path) + '"';
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
