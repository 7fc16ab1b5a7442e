package io.javisor.oci.registry;

import io.javisor.core.text.Printable;
import io.javisor.oci.OciException;
import io.javisor.oci.registry.http.Origin;
import io.javisor.oci.registry.http.Proxies;
import io.javisor.oci.registry.http.Trust;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How registries are reached: {@code ${XDG_CONFIG_HOME:-~/.config}/javisor/registries.json}, an object with one for each host:
 * {@snippet lang = json :
 * {"registry.example:5000": {"http": true},
 *  "docker.io": {"mirrors": ["mirror.example", "localhost:5000"]},
 *  "internal.example": {"ca": "/etc/ssl/internal.pem"}}
 * }
 * A host that says nothing of {@code http} is asked over TLS, but for this computer (localhost, 127.0.0.0/8, ::1),
 * which is asked in the clear unless it has a {@code ca} or {@code "http": false}. A {@code ca} is a file of
 * certificates in PEM that vouch for this host, and no others do. {@code mirrors} are asked first, in their order, for
 * what is pulled. Certificates are always checked: who skipped that would hand its password to whoever is in between,
 * and {@code ca} does all that a registry with a certificate of its own needs. Proxies are those of the environment
 * ({@link Proxies}). Immutable.
 */
public final class RegistryConfig {
    private static final String DEFAULT_REGISTRY = "docker.io";
    private static final String DEFAULT_SERVER = "registry-1.docker.io";
    private static final int FILE_SIZE_MAX = 1 << 20;
    private static final int MIRRORS_MAX = 16;
    private static final List<String> KEYS = List.of("http", "mirrors", "ca");

    private final String file;
    private final Map<String, Host> hosts;
    private final Proxies proxies;

    private RegistryConfig(String file, Map<String, Host> hosts, Proxies proxies) {
        this.file = file;
        this.hosts = Map.copyOf(hosts);
        this.proxies = proxies;
    }

    /** What is said of one. */
    private record Host(Optional<Boolean> http, List<String> mirrors, Optional<Path> ca) {
        private static final Host UNKNOWN = new Host(Optional.empty(), List.of(), Optional.empty());
    }

    /**
     * That of an environment; all as it is by default if the file is not there.
     *
     * @throws OciException in one line that names the file, if it is there and can't be read or is wrong
     */
    public static RegistryConfig load(Map<String, String> environment) {
        Proxies proxies;
        try {
            proxies = Proxies.of(environment);
        } catch (IllegalArgumentException e) {
            throw new OciException(Printable.line(String.valueOf(e.getMessage())), e);
        }
        Optional<Path> place = UserFiles.config(environment).map(path -> path.resolve("javisor/registries.json"));
        if (place.isEmpty()) {
            return new RegistryConfig("registries.json", Map.of(), proxies);
        }
        String name = place.get().toString();
        Optional<byte[]> text = UserFiles.read(place.get(), FILE_SIZE_MAX);
        return new RegistryConfig(name, text.isEmpty() ? Map.of() : parse(name, text.get()), proxies);
    }

    private static Map<String, Host> parse(String file, byte[] text) {
        ObjectNode root = JsonText.object(text)
                .orElseThrow(() -> new OciException(file + " is not a JSON object" + JsonText.fault(text)));
        Map<String, Host> hosts = new HashMap<>();
        for (Map.Entry<String, JsonNode> each : root.properties()) {
            String name = each.getKey();
            requireHost(file, quoted(name), name);
            if (!(each.getValue() instanceof ObjectNode host)) {
                throw new OciException(file + ": " + quoted(name) + " must be an object");
            }
            hosts.put(name, host(file + ": " + quoted(name) + ": ", host));
        }
        return hosts;
    }

    private static Host host(String where, ObjectNode host) {
        for (String key : host.propertyNames()) {
            if (!KEYS.contains(key)) {
                throw new OciException(where + "unknown key " + quoted(key) + "; there are " + String.join(", ", KEYS));
            }
        }
        Optional<Boolean> http = Optional.empty();
        JsonNode httpValue = host.get("http");
        if (httpValue != null) {
            if (!httpValue.isBoolean()) {
                throw new OciException(where + "\"http\" must be true or false");
            }
            http = Optional.of(httpValue.booleanValue());
        }
        List<String> mirrors = new ArrayList<>();
        JsonNode mirrorsValue = host.get("mirrors");
        if (mirrorsValue != null) {
            if (!(mirrorsValue instanceof ArrayNode list) || list.size() > MIRRORS_MAX) {
                throw new OciException(where + "\"mirrors\" must be a list of hosts, " + MIRRORS_MAX + " at the most");
            }
            for (JsonNode each : list) {
                String mirror = each.isString() ? each.stringValue() : "";
                requireHost(where.substring(0, where.length() - 2), "\"mirrors\"", mirror);
                mirrors.add(mirror);
            }
        }
        Optional<Path> ca = Optional.empty();
        JsonNode caValue = host.get("ca");
        if (caValue != null) {
            if (!caValue.isString()
                    || !caValue.stringValue().startsWith("/")
                    || caValue.stringValue().indexOf('\0') >= 0) {
                throw new OciException(where + "\"ca\" must be the absolute path of a file in PEM");
            }
            ca = Optional.of(Path.of(caValue.stringValue()));
        }
        if (ca.isPresent() && http.orElse(false)) {
            throw new OciException(where + "\"ca\" has no use with \"http\": true");
        }
        return new Host(http, List.copyOf(mirrors), ca);
    }

    private static void requireHost(String where, String key, String name) {
        try {
            Origin _ = Origin.parse(true, name);
        } catch (IllegalArgumentException e) {
            throw new OciException(
                    where + ": " + key + ": it is written HOST[:PORT], without https:// and path: " + e.getMessage(),
                    e);
        }
    }

    private static String quoted(String text) {
        return Printable.of(Printable.quoted(text, 80));
    }

    /** For messages: where a user would write what is missing. */
    String file() {
        return file;
    }

    Proxies proxies() {
        return proxies;
    }

    /** The server of a registry, as references name it. */
    Origin server(String registry) {
        Host host = host(registry);
        String name = registry.equals(DEFAULT_REGISTRY) ? DEFAULT_SERVER : registry;
        try {
            Origin tls = Origin.parse(true, name);
            boolean http = host.http().orElse(host.ca().isEmpty() && tls.isLoopback());
            return http ? Origin.parse(false, name) : tls;
        } catch (IllegalArgumentException e) {
            throw new OciException("invalid registry " + quoted(registry) + ": " + e.getMessage(), e);
        }
    }

    /** Whether a server other than a registry may be asked in the clear: on this computer, or where the user said so of it. */
    boolean mayBeClear(Origin origin) {
        return origin.isLoopback()
                || hosts.entrySet().stream()
                        .anyMatch(each -> each.getValue().http().orElse(false)
                                && server(each.getKey()).equals(origin));
    }

    /** Which registries are asked for what a registry has, itself the last. */
    List<String> mirrorsAndSelf(String registry) {
        List<String> all = new ArrayList<>(host(registry).mirrors());
        all.add(registry);
        return all;
    }

    private Host host(String registry) {
        return hosts.getOrDefault(registry, Host.UNKNOWN);
    }

    /** Whose certificates are taken. Files are read for the first connection that needs them. */
    Trust trust() {
        Map<Origin, Map.Entry<String, Path>> files = new HashMap<>();
        hosts.forEach((name, host) -> host.ca().ifPresent(path -> files.put(server(name), Map.entry(name, path))));
        return files.isEmpty()
                ? Trust.ofJdk()
                : Trust.of(origin -> Optional.ofNullable(files.get(origin)).map(this::authorities));
    }

    private byte[] authorities(Map.Entry<String, Path> host) {
        String where = file + ": " + quoted(host.getKey()) + ": \"ca\": " + host.getValue() + ": ";
        try (InputStream in = Files.newInputStream(host.getValue())) {
            byte[] pem = in.readNBytes(FILE_SIZE_MAX);
            Trust.check(pem);
            return pem;
        } catch (NoSuchFileException e) {
            throw new OciException(where + "no such file", e);
        } catch (IOException | IllegalArgumentException e) {
            throw new OciException(where + Printable.line(String.valueOf(e.getMessage())), e);
        }
    }
}
