package io.javisor.oci.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.host.Libc;
import io.javisor.oci.Digest;
import io.javisor.oci.ImageSource;
import io.javisor.oci.Platform;
import io.javisor.oci.TransferListener;
import io.javisor.oci.archive.Archives;
import io.javisor.oci.store.ImageStore;
import io.javisor.oci.store.RootFiles;
import io.javisor.testkit.junit.HostTool;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From an image of umoci's (Debian: umoci) to the files that a guest gets: as erofs-utils read them, they are those that umoci unpacks. */
class UmociRootTest {
    private static final String LOWER = """
        mkdir -p usr/lib etc opt/old srv
        ln -s usr/lib lib
        head -c 10000 /dev/urandom >usr/lib/a
        chmod 751 usr/lib/a
        ln usr/lib/a etc/hard
        echo gone >etc/gone
        echo old >opt/old/f
        echo old >srv/f
        : >etc/empty
        mkfifo -m 600 etc/fifo
        mknod etc/null c 1 3
        chown 1000:1001 etc/empty
        chmod 1777 srv
        touch -h -d @1234567890 etc/empty lib usr/lib/a
        """;

    private static final String UPPER = """
        mkdir -p opt etc srv
        : >etc/.wh.gone
        : >opt/.wh..wh..opq
        echo new >opt/new
        echo new >srv/f
        ln -s ../usr/lib/a etc/link
        chown -R 70000:1001 opt
        """;

    @TempDir
    private static Path directory = Path.of("");

    @BeforeAll
    static void make() {
        Assumptions.assumeTrue(Libc.geteuid() == 0, "skipped: only root may make device nodes and give files away");
        HostTool.require("umoci", "umoci");
        HostTool.require("skopeo", "skopeo");
        HostTool.require("fsck.erofs", "erofs-utils");
        run("umoci", "init", "--layout", "made");
        run("umoci", "new", "--image", "made:box");
        layer("lower", LOWER);
        layer("upper", UPPER);
        run("umoci", "unpack", "--image", "made:box", "bundle");
    }

    private static void layer(String name, String script) {
        run("mkdir", name);
        run("sh", "-ec", "cd " + name + "\n" + script);
        run("tar", "-C", name, "-cf", name + ".tar", ".");
        run("umoci", "raw", "add-layer", "--image", "made:box", name + ".tar");
    }

    private static void run(String... command) {
        String _ = HostTool.run(directory, "", command);
    }

    /** What is under a directory: each path with all that is to be the same. */
    private static Map<String, String> tree(Path root) throws IOException {
        Map<String, String> tree = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.toList()) {
                Map<String, Object> stat = Files.readAttributes(
                        path, "unix:mode,uid,gid,rdev,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
                List<Object> values = new ArrayList<>(List.of(
                        Integer.toOctalString(((Number) Objects.requireNonNull(stat.get("mode"))).intValue()),
                        stat.get("uid"),
                        stat.get("gid"),
                        stat.get("rdev")));
                if (Files.isSymbolicLink(path)) {
                    values.add(Files.readSymbolicLink(path));
                } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    values.add(Digest.sha256(Files.readAllBytes(path)).shortHex());
                    values.add(((FileTime) Objects.requireNonNull(stat.get("lastModifiedTime")))
                            .toInstant()
                            .getEpochSecond());
                }
                tree.put(root.relativize(path).toString(), values.toString());
            }
        }
        return tree;
    }

    private static void assertSameRoot(String source, String name) throws IOException {
        try (ImageStore store = ImageStore.open(directory.resolve("store-" + name));
                ImageSource image = Archives.source(source).orElseThrow()) {
            PullResult pulled = Pull.run(image, Optional.empty(), Platform.LINUX_AMD64, store, TransferListener.NONE);
            RootFiles root = store.rootFiles(pulled.image());
            Path disk = directory.resolve(name + ".erofs");
            try (OutputStream out = Files.newOutputStream(disk)) {
                Files.copy(root.metadata(), out);
                for (Path layer : root.layers()) {
                    Files.copy(layer, out);
                }
            }
            run("fsck.erofs", "--extract=" + directory.resolve("root-" + name), disk.toString());
        }
        Map<String, String> expected = tree(directory.resolve("bundle/rootfs"));
        assertTrue(expected.size() >= 15, expected::toString);
        assertEquals(lines(expected), lines(tree(directory.resolve("root-" + name))));
    }

    private static String lines(Map<String, String> tree) {
        return tree.entrySet().stream().map(Object::toString).collect(Collectors.joining("\n"));
    }

    @Test
    void ofALayout() throws IOException {
        assertSameRoot("oci:" + directory.resolve("made") + ":box", "layout");
    }

    @Test
    void ofAnArchiveOfDockers() throws IOException {
        run("skopeo", "copy", "oci:made:box", "docker-archive:box.tar:box:1");
        assertSameRoot("docker-archive:" + directory.resolve("box.tar"), "docker");
    }

    @Test
    void ofLayersByZstandard() throws IOException {
        run("skopeo", "copy", "--dest-decompress", "oci:made:box", "oci:plain:box");
        run("skopeo", "copy", "--dest-compress-format", "zstd", "--dest-compress", "oci:plain:box", "oci:zstd:box");
        assertSameRoot("oci:" + directory.resolve("zstd") + ":box", "zstd");
        assertSameRoot("oci:" + directory.resolve("plain") + ":box", "plain");
    }
}
