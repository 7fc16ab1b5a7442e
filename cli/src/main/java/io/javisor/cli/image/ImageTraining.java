package io.javisor.cli.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.javisor.oci.Digest;
import io.javisor.oci.MediaTypes;
import io.javisor.oci.tar.TarEntry;
import io.javisor.oci.tar.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/**
 * What the JVM watches at package time to make the AOT cache of the commands for images: each of them that a user waits for, with a registry on loopback
 * and an image of two small layers. It takes the environment's {@code XDG_DATA_HOME}, where the images come, and empties it of them.
 */
public final class ImageTraining {
    private static final String GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int ACCEPTED = 202;
    private static final int NOT_FOUND = 404;
    private static final int NO_BODY = -1;

    /** By what they end with in a request's path. */
    private final Map<String, byte[]> served = new HashMap<>();

    private ImageTraining() {}

    /**
     * Runs the commands.
     *
     * @param directory for an archive, which is removed
     * @param javisor runs a command line and says its status
     * @return the first status that is not 0
     * @throws IOException if there is no loopback or the archive can't be removed
     */
    public static int run(Path directory, ToIntFunction<String[]> javisor) throws IOException {
        ImageTraining training = new ImageTraining();
        training.make();
        Path archive = directory.resolve("training.tar");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", training::answer);
        server.start();
        try {
            String registry = "localhost:" + server.getAddress().getPort();
            String image = registry + "/training:1";
            String pushed = registry + "/pushed:1";
            for (List<String> command : List.of(
                    List.of("pull", image),
                    List.of("pull", image),
                    List.of("images"),
                    List.of("tag", image, pushed),
                    List.of("push", pushed),
                    List.of("save", "--output", archive.toString(), image),
                    List.of("history", image),
                    List.of("image", "inspect", image),
                    List.of("system", "df"),
                    List.of("rmi", image, pushed),
                    List.of("load", "--input", archive.toString()),
                    List.of("rmi", image))) {
                int status = javisor.applyAsInt(command.toArray(String[]::new));
                if (status != 0) {
                    return status;
                }
            }
            return 0;
        } finally {
            server.stop(0);
            Files.deleteIfExists(archive);
        }
    }

    private void make() throws IOException {
        byte[] lower = layer("etc", "etc/hostname", "usr");
        byte[] upper = layer("etc", "etc/.wh.hostname", "etc/hosts");
        String config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"sh\"],\"Env\":[\"A=b\"]},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + Digest.sha256(lower) + "\",\""
                + Digest.sha256(upper) + "\"]},\"history\":[{\"created_by\":\"training\"}]}";
        String layers = List.of(lower, upper).stream()
                .map(layer -> blob(GZIP, compressed(layer)))
                .collect(Collectors.joining(","));
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"config\":"
                + blob(MediaTypes.OCI_CONFIG, config.getBytes(StandardCharsets.UTF_8)) + ",\"layers\":[" + layers
                + "]}";
        byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
        served.put("training/manifests/1", bytes);
        served.put("training/manifests/" + Digest.sha256(bytes), bytes);
    }

    /** Serves it. Returns its descriptor. */
    private String blob(String mediaType, byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        served.put("training/blobs/" + digest, bytes);
        return String.format(
                Locale.ROOT, "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}", mediaType, digest, bytes.length);
    }

    /** A tar file; the first of the paths is a directory. */
    private static byte[] layer(String directory, String... files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(bytes);
        tar.entry(TarEntry.directory(directory));
        for (String file : files) {
            tar.entry(TarEntry.file(file, file.length()));
            tar.write(file.getBytes(StandardCharsets.UTF_8), 0, file.length());
        }
        tar.finish();
        return bytes.toByteArray();
    }

    private static byte[] compressed(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e); // memory can't fail
        }
        return out.toByteArray();
    }

    /** As a registry with one image does, and one that takes all that is pushed. */
    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            String path = exchange.getRequestURI().getPath().substring(1);
            int status =
                    switch (exchange.getRequestMethod()) {
                        case "POST" -> ACCEPTED;
                        case "PUT" -> CREATED;
                        default -> path.equals("v2/") || served.containsKey(name(path)) ? OK : NOT_FOUND;
                    };
            exchange.getResponseHeaders().set("Location", "/v2/pushed/blobs/uploads/1");
            byte[] bytes = served.get(name(path));
            if (bytes == null || status != OK) {
                exchange.sendResponseHeaders(status, NO_BODY);
                return;
            }
            exchange.getResponseHeaders()
                    .set(
                            "Content-Type",
                            path.contains("/manifests/") ? MediaTypes.OCI_MANIFEST : "application/octet-stream");
            exchange.getResponseHeaders()
                    .set("Docker-Content-Digest", Digest.sha256(bytes).toString());
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
                exchange.sendResponseHeaders(OK, NO_BODY);
            } else {
                exchange.sendResponseHeaders(OK, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    private static String name(String path) {
        return path.startsWith("v2/") ? path.substring("v2/".length()) : path;
    }
}
