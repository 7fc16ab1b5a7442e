package io.javisor.oci.registry;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file of credentials in docker's format (docker/cli, config.json; containers-auth.json(5)): {@code auths} has them
 * by server, in base64 or as a token; {@code credHelpers} and {@code credsStore} name who keeps them instead. Other
 * keys stay as they are. Messages quote nothing of a file.
 */
final class CredentialFile {
    private static final int SIZE_MAX = 1 << 20;
    private static final String AUTHS = "auths";

    private final Path path;
    private final ObjectNode root;

    private CredentialFile(Path path, ObjectNode root) {
        this.path = path;
        this.root = root;
    }

    /**
     * Reads it; without it there is nothing in it.
     *
     * @throws OciException in one line, if it is damaged or can't be read
     */
    static CredentialFile read(Path path) {
        Optional<byte[]> text = UserFiles.read(path, SIZE_MAX);
        if (text.isEmpty() || text.get().length == 0) {
            return new CredentialFile(path, JsonText.MAPPER.createObjectNode());
        }
        byte[] bytes = text.get();
        ObjectNode root = JsonText.object(bytes)
                .orElseThrow(() -> new OciException(
                        path + " is not a JSON object" + JsonText.fault(bytes) + "; mend it or remove it"));
        return new CredentialFile(path, root);
    }

    /** Who keeps those of a server, by the file; the first of {@code servers}, which are its names, that it says something of. */
    Optional<String> helper(List<String> servers) {
        JsonNode helpers = root.get("credHelpers");
        for (String server : servers) {
            Optional<String> helper = JsonText.string(helpers, server);
            if (helper.isPresent()) {
                return helper;
            }
        }
        return JsonText.string(root, "credsStore");
    }

    /** Whether it has a login, or who may have one, of its own: then it is worth a word. */
    Optional<Credentials.Login> login(List<String> servers) {
        if (!(root.get(AUTHS) instanceof ObjectNode auths)) {
            return Optional.empty();
        }
        for (String server : servers) {
            for (Map.Entry<String, JsonNode> each : auths.properties()) {
                if (each.getKey().equals(server) || host(each.getKey()).equals(server)) {
                    Optional<Credentials.Login> login = login(each.getKey(), each.getValue());
                    if (login.isPresent()) {
                        return login;
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Docker once wrote {@code https://HOST/v1/}. A key with a path but no scheme is for some repositories only. */
    private static String host(String key) {
        String lower = key.toLowerCase(Locale.ROOT);
        int scheme = lower.startsWith("https://") ? 8 : lower.startsWith("http://") ? 7 : 0;
        int slash = key.indexOf('/', scheme);
        return scheme == 0 ? key : key.substring(scheme, slash < 0 ? key.length() : slash);
    }

    private Optional<Credentials.Login> login(String server, JsonNode entry) {
        Optional<String> token = JsonText.string(entry, "identitytoken");
        if (token.isPresent()) {
            return Optional.of(new Credentials.Login(Credentials.TOKEN_USER, token.get()));
        }
        Optional<String> encoded = JsonText.string(entry, "auth");
        if (encoded.isEmpty()) {
            Optional<String> user = JsonText.string(entry, "username");
            Optional<String> password = JsonText.string(entry, "password");
            return user.isPresent() && password.isPresent()
                    ? Optional.of(new Credentials.Login(user.get(), password.get()))
                    : Optional.empty();
        }
        String plain;
        try {
            plain = new String(
                    Base64.getDecoder().decode(encoded.get().strip().getBytes(StandardCharsets.ISO_8859_1)),
                    StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid(server);
        }
        int colon = plain.indexOf(':');
        if (colon <= 0) {
            throw invalid(server);
        }
        // Docker's own reader drops what old versions padded with.
        String secret = plain.substring(colon + 1).replaceAll("\0+$", "");
        return Optional.of(new Credentials.Login(plain.substring(0, colon), secret));
    }

    private OciException invalid(String server) {
        return new OciException(path + ": \"auths\": " + Printable.of(Printable.quoted(server, 80))
                + ": \"auth\" is not USER:PASSWORD in base64; log in again");
    }

    /** The file with a login more, or another, under the first of {@code servers}, which are its server's names. */
    void put(List<String> servers, Credentials.Login login) {
        ObjectNode auths = root.get(AUTHS) instanceof ObjectNode there ? there : root.putObject(AUTHS);
        boolean _ = drop(auths, servers); // An older one in another form would come first.
        ObjectNode entry = auths.putObject(servers.getFirst());
        if (login.isToken()) {
            entry.put("identitytoken", login.secret());
        } else {
            String plain = login.username() + ":" + login.secret();
            entry.put("auth", Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8)));
        }
        write();
    }

    /** The file without it; whether it was there. */
    boolean remove(List<String> servers) {
        boolean there = root.get(AUTHS) instanceof ObjectNode auths && drop(auths, servers);
        if (there) {
            write();
        }
        return there;
    }

    /** In all forms that {@link #login} reads. */
    private static boolean drop(ObjectNode auths, List<String> servers) {
        boolean there = false;
        for (String key : List.copyOf(auths.propertyNames())) {
            if (servers.contains(key) || servers.contains(host(key))) {
                there |= auths.remove(key) != null;
            }
        }
        return there;
    }

    /** In one step: a reader has the old file or the new one, and nobody else any. A link to it stays one. */
    private void write() {
        Path target;
        try {
            target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
        } catch (IOException e) {
            throw new OciException(path + " can't be written: " + UserFiles.words(e), e);
        }
        Path directory = target.getParent();
        if (directory == null) {
            throw new IllegalStateException(path.toString());
        }
        Path temporary = directory.resolve(".auth-" + UUID.randomUUID());
        try {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try (FileChannel file = FileChannel.open(
                    temporary,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer text = ByteBuffer.wrap(
                        JsonText.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
                while (text.hasRemaining()) {
                    int _ = file.write(text);
                }
                file.force(true);
            }
            Path _ = Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            try {
                boolean _ = Files.deleteIfExists(temporary);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw new OciException(path + " can't be written: " + UserFiles.words(e), e);
        }
    }
}
