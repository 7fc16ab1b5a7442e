package io.javisor.oci.archive;

import io.javisor.oci.ImageSource;
import io.javisor.oci.ImageTarget;
import io.javisor.oci.OciException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Images that a command line names by a prefix, as containers' tools have them (containers-transports(5)). */
public final class Archives {
    private static final String DIRECTORY = "oci:";
    private static final String OCI_ARCHIVE = "oci-archive:";
    private static final String DOCKER_ARCHIVE = "docker-archive:";

    private Archives() {}

    /** Whether it begins with one of the prefixes. */
    public static boolean isOne(String text) {
        return text.startsWith(DIRECTORY) || text.startsWith(OCI_ARCHIVE) || text.startsWith(DOCKER_ARCHIVE);
    }

    /**
     * The image of {@code oci:DIRECTORY[:TAG]}, {@code oci-archive:FILE[:TAG]} or {@code docker-archive:FILE[:NAME]}; of a docker archive also {@code :@0}, by
     * its place in the list. A path may have colons: the longest that is there is meant. Without tag or name there must be one image only.
     *
     * @return empty without such a prefix
     * @throws OciException in one line, if there is no such file, or no such image in it
     */
    public static Optional<ImageSource> source(String text) {
        if (text.startsWith(DIRECTORY)) {
            Place place = Place.of(DIRECTORY, text);
            if (Files.exists(place.path) && !Files.isDirectory(place.path)) {
                throw new OciException(place.name + ": not a directory; a file is named " + OCI_ARCHIVE + "FILE");
            }
            return Optional.of(place.open(archive -> archive.layoutImage(place.choice)));
        }
        if (text.startsWith(OCI_ARCHIVE)) {
            Place place = Place.of(OCI_ARCHIVE, text);
            place.requireFile();
            return Optional.of(place.open(archive -> archive.layoutImage(place.choice)));
        }
        if (text.startsWith(DOCKER_ARCHIVE)) {
            Place place = Place.of(DOCKER_ARCHIVE, text);
            place.requireFile();
            return Optional.of(place.open(archive -> archive.dockerImage(place.choice)));
        }
        return Optional.empty();
    }

    /**
     * The only image of a directory or a file of any kind.
     *
     * @throws OciException in one line, if there is none, or there are several
     */
    public static ImageSource file(Path path) {
        return new Place(Names.printable(path.toString()), path, "").open(ImageArchive::onlyImage);
    }

    /**
     * Where one image goes to: {@code oci:DIRECTORY[:TAG]}, which keeps the images that are there, or {@code oci-archive:FILE[:TAG]} or {@code
     * docker-archive:FILE[:NAME]}, which are replaced when the target is closed after a manifest was put.
     *
     * @return empty without such a prefix
     * @throws OciException in one line, if it can't be written
     */
    public static Optional<ImageTarget> target(String text) {
        if (text.startsWith(DIRECTORY)) {
            Place place = Place.toWrite(DIRECTORY, text);
            return Optional.of(ArchiveWriter.toDirectory(place.name, place.path).only(place.choice));
        }
        if (text.startsWith(OCI_ARCHIVE)) {
            Place place = Place.toWrite(OCI_ARCHIVE, text);
            return Optional.of(ArchiveWriter.toFile(place.name, place.path, ArchiveFormat.OCI)
                    .only(place.choice));
        }
        if (text.startsWith(DOCKER_ARCHIVE)) {
            Place place = Place.toWrite(DOCKER_ARCHIVE, text);
            return Optional.of(ArchiveWriter.toFile(place.name, place.path, ArchiveFormat.DOCKER)
                    .only(place.choice));
        }
        return Optional.empty();
    }

    /**
     * A path and what is chosen there.
     *
     * @param name for messages: the prefix and the path
     */
    private record Place(String name, Path path, String choice) {
        /** The longest path that is there, else that before the first colon. */
        static Place of(String prefix, String text) {
            String rest = text.substring(prefix.length());
            for (int end = rest.length(); end > 0; end = rest.lastIndexOf(':', end - 1)) {
                if (Files.exists(path(text, rest.substring(0, end)))) {
                    return at(prefix, text, rest, end);
                }
            }
            return toWrite(prefix, text);
        }

        /** The path before the first colon. */
        static Place toWrite(String prefix, String text) {
            String rest = text.substring(prefix.length());
            int colon = rest.indexOf(':');
            return at(prefix, text, rest, colon < 0 ? rest.length() : colon);
        }

        private static Place at(String prefix, String text, String rest, int end) {
            String path = rest.substring(0, end);
            if (path.isEmpty()) {
                throw new OciException(Names.printable(text) + ": it names no file; it is written " + prefix + "PATH");
            }
            String choice = end == rest.length() ? "" : rest.substring(end + 1);
            return new Place(prefix + Names.printable(path), path(text, path), choice);
        }

        private static Path path(String text, String path) {
            if (path.indexOf('\0') >= 0) {
                throw new OciException(Names.printable(text) + ": it has a NUL character");
            }
            return Path.of(path);
        }

        void requireFile() {
            if (Files.isDirectory(path)) {
                throw new OciException(
                        name + ": is a directory; an OCI layout in one is named " + DIRECTORY + "DIRECTORY");
            }
        }

        ImageSource open(Function<ImageArchive, ImageSource> image) {
            ImageArchive archive = ImageArchive.open(name, path);
            try {
                return image.apply(archive);
            } catch (OciException e) {
                archive.close();
                throw e;
            }
        }
    }
}
