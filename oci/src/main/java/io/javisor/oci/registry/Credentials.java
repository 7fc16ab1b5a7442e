package io.javisor.oci.registry;

import io.javisor.oci.OciException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who a user is to registries. Looked for, in this order, in
 * <ol>
 *   <li>{@code ${XDG_CONFIG_HOME:-~/.config}/javisor/auth.json}, which {@link #store} writes,
 *   <li>{@code $REGISTRY_AUTH_FILE},
 *   <li>{@code $XDG_RUNTIME_DIR/containers/auth.json}, then {@code ${XDG_CONFIG_HOME:-~/.config}/containers/auth.json},
 *       which are podman's and skopeo's,
 *   <li>{@code ${DOCKER_CONFIG:-~/.docker}/config.json}.
 * </ol>
 * In each of them a helper that it names for the registry ({@code credHelpers}, then {@code credsStore}) comes before
 * what it has itself. A helper that is not installed is passed over with a warning. Keys for some repositories of a
 * registry only (containers-auth.json(5)) are not read. Several threads may use one. No secret is in any message.
 */
public final class Credentials {
    /** The user's name that says that the secret is a token for the registry's token server (docker-credential-helpers). */
    static final String TOKEN_USER = "<token>";

    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);
    private static final String DOCKER_REGISTRY = "docker.io";
    private static final String DOCKER_KEY = "https://index.docker.io/v1/";
    private static final List<String> DOCKER_KEYS =
            List.of(DOCKER_KEY, DOCKER_REGISTRY, "index.docker.io", "registry-1.docker.io");

    private final Map<String, String> environment;
    private final Optional<Path> own;
    private final List<Path> files;
    private final Map<String, Optional<Login>> known = new HashMap<>();
    private final Map<String, String> missing = new LinkedHashMap<>();

    private Credentials(Map<String, String> environment, Optional<Path> own, List<Path> files) {
        this.environment = Map.copyOf(environment);
        this.own = own;
        this.files = files;
    }

    /**
     * A user's name and password.
     *
     * @param username {@code <token>} if the secret is a token for the registry's token server
     * @param secret a password or a token
     */
    public record Login(String username, String secret) {
        boolean isToken() {
            return username.equals(TOKEN_USER);
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Login[username=" + username + "]";
        }
    }

    /** Those of an environment; files are read when a registry asks. */
    public static Credentials open(Map<String, String> environment) {
        Optional<Path> config = UserFiles.config(environment);
        Optional<Path> own = config.map(path -> path.resolve("javisor/auth.json"));
        List<Path> files = new ArrayList<>();
        own.ifPresent(files::add);
        String given = environment.getOrDefault("REGISTRY_AUTH_FILE", "");
        if (!given.isEmpty()) {
            files.add(Path.of(given));
        }
        UserFiles.absolute(environment, "XDG_RUNTIME_DIR")
                .ifPresent(path -> files.add(path.resolve("containers/auth.json")));
        config.ifPresent(path -> files.add(path.resolve("containers/auth.json")));
        docker(environment).ifPresent(files::add);
        return new Credentials(environment, own, List.copyOf(files));
    }

    private static Optional<Path> docker(Map<String, String> environment) {
        String given = environment.getOrDefault("DOCKER_CONFIG", "");
        return given.isEmpty()
                ? UserFiles.home(environment).map(home -> home.resolve(".docker/config.json"))
                : Optional.of(Path.of(given, "config.json"));
    }

    /**
     * The login for a registry, as references name it; empty if there is none.
     *
     * @throws OciException in one line, if a file is damaged or a helper fails
     */
    public synchronized Optional<Login> of(String registry) {
        Optional<Login> login = known.get(registry);
        if (login == null) {
            login = find(keys(registry));
            known.put(registry, login);
        }
        return login;
    }

    private Optional<Login> find(List<String> keys) {
        for (Path each : files) {
            CredentialFile file = CredentialFile.read(each);
            Optional<Login> login = file.helper(keys)
                    .flatMap(name -> helper(each, name))
                    .flatMap(helper -> helped(helper, keys))
                    .or(() -> file.login(keys));
            if (login.isPresent()) {
                return login;
            }
        }
        return Optional.empty();
    }

    private static Optional<Login> helped(CredentialHelper helper, List<String> keys) {
        for (String key : keys) {
            Optional<Login> login = helper.get(key);
            if (login.isPresent()) {
                return login;
            }
        }
        return Optional.empty();
    }

    private Optional<CredentialHelper> helper(Path file, String name) {
        Optional<CredentialHelper> helper = CredentialHelper.find(name, environment);
        if (helper.isEmpty() && missing.putIfAbsent(name, file.toString()) == null) {
            LOG.warn(
                    "{} has credentials kept by docker-credential-{}, which is not in PATH: they are not used",
                    file,
                    name);
        }
        return helper;
    }

    /**
     * Keeps a login: with the helper that javisor's file or docker's names for the registry, if it is installed, else
     * in javisor's file, which is for its user only, in base64, which hides nothing.
     *
     * @return where it is: a file's path, or a helper's name
     * @throws OciException in one line, if that fails
     */
    public synchronized String store(String registry, Login login) {
        List<String> keys = keys(registry);
        String key = keys.getFirst();
        known.remove(registry);
        for (Path each : helperFiles()) {
            Optional<String> name = CredentialFile.read(each).helper(keys);
            Optional<CredentialHelper> helper = name.flatMap(text -> helper(each, text));
            if (helper.isPresent()) {
                helper.get().store(key, login);
                // What the file has would hide nothing, but is not to stay.
                own.ifPresent(path -> CredentialFile.read(path).remove(keys));
                return "docker-credential-" + name.get();
            }
        }
        Path path = own.orElseThrow(() -> new OciException(
                "neither XDG_CONFIG_HOME nor HOME is an absolute path, so there is no place to keep credentials"));
        CredentialFile.read(path).put(keys, login);
        return path.toString();
    }

    /**
     * Forgets what {@link #store} keeps. What other programs' files have stays.
     *
     * @return whether there was something
     * @throws OciException in one line, if that fails
     */
    public synchronized boolean erase(String registry) {
        List<String> keys = keys(registry);
        known.remove(registry);
        boolean there = false;
        for (Path each : helperFiles()) {
            Optional<CredentialHelper> helper =
                    CredentialFile.read(each).helper(keys).flatMap(name -> helper(each, name));
            if (helper.isPresent()) {
                there |= helper.get().erase(keys.getFirst());
            }
        }
        if (own.isPresent()) {
            there |= CredentialFile.read(own.get()).remove(keys);
        }
        return there;
    }

    private List<Path> helperFiles() {
        List<Path> all = new ArrayList<>();
        own.ifPresent(all::add);
        docker(environment).ifPresent(all::add);
        return all;
    }

    private static List<String> keys(String registry) {
        return registry.equals(DOCKER_REGISTRY) ? DOCKER_KEYS : List.of(registry);
    }
}
