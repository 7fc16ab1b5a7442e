package io.javisor.oci.layer;

import io.javisor.images.erofs.ErofsAttributes;
import io.javisor.images.erofs.ErofsWriter;
import io.javisor.oci.tar.TarEntry;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a layer's entries of a tar's: what names and whiteouts mean (OCI image-spec 1.1, layer.md). */
final class EntryReader {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    /** What the file system below has of its own in a layer that it made (AUFS); none of it is the image's. */
    private static final String INTERNAL = ".wh..wh.";

    /** Marks by which overlayfs would take files for others than they are; it shows none of them to anybody (Documentation/filesystems/overlayfs.rst). */
    private static final String OVERLAY = "trusted.overlay.";

    private static final int TARGET_MAX = 4095;
    private static final int XATTR_NAME_MAX = 255;
    private static final int XATTR_SIZE_MAX = 0xFFFF;

    private EntryReader() {}

    /**
     * What a tar's entry says, as if its content started at a block.
     *
     * @return null if it says nothing of the image
     */
    static @Nullable LayerEntry read(TarEntry entry, long block) throws LayerSyntaxException {
        String path = LayerPaths.normal(entry.path());
        int slash = path.lastIndexOf('/');
        String parent = slash < 0 ? "" : path.substring(0, slash);
        if (parent.startsWith(WHITEOUT) || parent.contains("/" + WHITEOUT)) {
            return null;
        }
        String name = path.substring(slash + 1);
        if (name.startsWith(WHITEOUT)) {
            return whiteout(parent, name);
        }
        if (path.isEmpty() && entry.type() != TarEntry.Type.DIRECTORY) {
            throw new LayerSyntaxException("the root can be a directory only");
        }
        return isOverlayWhiteout(entry) ? null : entry(path, entry, block);
    }

    /** What overlayfs takes for a file that is not there (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"). */
    private static boolean isOverlayWhiteout(TarEntry entry) {
        return entry.type() == TarEntry.Type.CHARACTER_DEVICE && entry.major() == 0 && entry.minor() == 0;
    }

    private static @Nullable LayerEntry whiteout(String parent, String name) throws LayerSyntaxException {
        if (name.equals(OPAQUE)) {
            return new LayerEntry(parent, LayerEntry.Kind.OPAQUE, ErofsAttributes.DEFAULT_DIRECTORY, 0, 0, "", 0, 0);
        }
        if (name.startsWith(INTERNAL)) {
            return null;
        }
        String hidden = name.substring(WHITEOUT.length());
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw new LayerSyntaxException("a whiteout of no name");
        }
        String path = parent.isEmpty() ? hidden : parent + "/" + hidden;
        return new LayerEntry(path, LayerEntry.Kind.WHITEOUT, ErofsAttributes.DEFAULT_DIRECTORY, 0, 0, "", 0, 0);
    }

    private static LayerEntry entry(String path, TarEntry entry, long block) throws LayerSyntaxException {
        ErofsAttributes attributes = new ErofsAttributes(
                entry.mode(),
                entry.uid(),
                entry.gid(),
                entry.mtimeSeconds(),
                entry.mtimeNanos(),
                xattrs(entry.xattrs()));
        if (entry.major() > LayerEntry.MAJOR_MAX || entry.minor() > LayerEntry.MINOR_MAX) {
            throw new LayerSyntaxException("there is no device %d:%d; %d and %d are the highest numbers"
                    .formatted(entry.major(), entry.minor(), LayerEntry.MAJOR_MAX, LayerEntry.MINOR_MAX));
        }
        String target =
                switch (entry.type()) {
                    case SYMLINK -> symlinkTarget(entry.target());
                    case HARD_LINK -> hardLinkTarget(entry.target());
                    default -> "";
                };
        long size = entry.sizeBytes();
        return new LayerEntry(
                path,
                kind(entry.type()),
                attributes,
                size,
                size == 0 ? 0 : block,
                target,
                entry.major(),
                entry.minor());
    }

    private static LayerEntry.Kind kind(TarEntry.Type type) {
        return switch (type) {
            case FILE -> LayerEntry.Kind.FILE;
            case DIRECTORY -> LayerEntry.Kind.DIRECTORY;
            case SYMLINK -> LayerEntry.Kind.SYMLINK;
            case HARD_LINK -> LayerEntry.Kind.HARD_LINK;
            case CHARACTER_DEVICE -> LayerEntry.Kind.CHARACTER_DEVICE;
            case BLOCK_DEVICE -> LayerEntry.Kind.BLOCK_DEVICE;
            case FIFO -> LayerEntry.Kind.FIFO;
        };
    }

    private static String symlinkTarget(String target) throws LayerSyntaxException {
        if (target.length() > TARGET_MAX) {
            throw new LayerSyntaxException("its target as a symbolic link has %d bytes; %d are the most"
                    .formatted(target.length(), TARGET_MAX));
        }
        return target;
    }

    private static String hardLinkTarget(String target) throws LayerSyntaxException {
        String path = LayerPaths.normal(target);
        if (path.isEmpty()) {
            throw new LayerSyntaxException("a hard link to the root");
        }
        return path;
    }

    private static Map<String, String> xattrs(Map<String, String> all) throws LayerSyntaxException {
        if (all.isEmpty()) {
            return all;
        }
        Map<String, String> kept = new HashMap<>();
        for (Map.Entry<String, String> xattr : all.entrySet()) {
            int nameLength = xattr.getKey().length();
            int valueLength = xattr.getValue().length();
            if (nameLength == 0 || nameLength > XATTR_NAME_MAX || valueLength > XATTR_SIZE_MAX) {
                throw new LayerSyntaxException(
                        "an extended attribute with a name of %d bytes and a value of %d; %d and %d are the most"
                                .formatted(nameLength, valueLength, XATTR_NAME_MAX, XATTR_SIZE_MAX));
            }
            if (!xattr.getKey().startsWith(OVERLAY)) {
                kept.put(xattr.getKey(), xattr.getValue());
            }
        }
        Optional<String> problem = ErofsWriter.xattrsProblem(kept);
        if (problem.isPresent()) {
            throw new LayerSyntaxException(problem.get());
        }
        return kept;
    }
}
