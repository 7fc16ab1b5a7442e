package io.javisor.oci;

import io.javisor.core.text.Printable;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image in a registry, as docker writes and completes it (distribution's reference package).
 *
 * @param registry host, with a port if one was given, such as {@code docker.io} or {@code localhost:5000}
 * @param repository such as {@code library/debian}
 * @param tag empty only if a digest is given
 * @param digest which content exactly; it beats the tag
 */
public record Reference(String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
    private static final String DEFAULT_REGISTRY = "docker.io";
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern REGISTRY = Pattern.compile(
            "(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9a-fA-F:]+])(?::[0-9]{1,5})?");
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*");
    private static final Pattern HEXADECIMAL = Pattern.compile("[0-9a-f]{64}");
    private static final String LIBRARY = "library/";
    private static final int REPOSITORY_MAX = 255;
    private static final int REGISTRY_MAX = 255;

    public Reference {
        boolean valid = isRegistry(registry)
                && repository.length() <= LIBRARY.length() + REPOSITORY_MAX
                && isRepository(repository)
                && tag.filter(text -> !TAG.matcher(text).matches()).isEmpty()
                && (tag.isPresent() || digest.isPresent());
        if (!valid) {
            throw invalid(
                    registry + "/" + repository + tag.map(text -> ":" + text).orElse(""), "");
        }
    }

    /**
     * Reads {@code [HOST[:PORT]/]NAME[/NAME...][:TAG][@DIGEST]}. Without a host it is docker.io's, and of one component {@code library}'s; without tag and
     * digest the tag is {@code latest}.
     *
     * @throws OciException in one line, in docker's words, if it is none
     */
    public static Reference parse(String text) {
        String rest = text;
        Optional<Digest> digest = Optional.empty();
        int at = rest.indexOf('@');
        if (at >= 0) {
            try {
                digest = Optional.of(Digest.parse(rest.substring(at + 1)));
            } catch (OciException problem) {
                throw invalid(text, String.valueOf(problem.getMessage()));
            }
            rest = rest.substring(0, at);
        }
        Optional<String> tag = Optional.empty();
        int colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
        if (colon >= 0) {
            String given = rest.substring(colon + 1);
            if (!TAG.matcher(given).matches()) {
                throw invalid(text, "invalid tag");
            }
            tag = Optional.of(given);
            rest = rest.substring(0, colon);
        }
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = Optional.of("latest");
        }
        if (HEXADECIMAL.matcher(text).matches()) {
            throw new OciException(
                    "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
        }
        String registry = DEFAULT_REGISTRY;
        int slash = rest.indexOf('/');
        if (slash > 0) {
            String host = rest.substring(0, slash);
            if (looksLikeHost(host)) {
                if (!isRegistry(host)) {
                    throw invalid(text, "invalid host");
                }
                registry = host.equals("index.docker.io") ? DEFAULT_REGISTRY : host;
                rest = rest.substring(slash + 1);
            }
        }
        if (!rest.equals(lower(rest))) {
            throw invalid(text, "repository name must be lowercase");
        }
        // Before the pattern: it recurses.
        if (rest.length() > REPOSITORY_MAX) {
            throw invalid(text, "repository name must not be more than " + REPOSITORY_MAX + " characters");
        }
        if (!isRepository(rest)) {
            throw invalid(text, "");
        }
        String repository = registry.equals(DEFAULT_REGISTRY) && rest.indexOf('/') < 0 ? LIBRARY + rest : rest;
        return new Reference(registry, repository, tag, digest);
    }

    /** Whether what is before the first slash is a host and not a part of the repository's name. */
    private static boolean looksLikeHost(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.equals(lower(first));
    }

    private static boolean isRegistry(String host) {
        return host.length() <= REGISTRY_MAX && REGISTRY.matcher(host).matches();
    }

    private static boolean isRepository(String name) {
        for (String component : name.split("/", -1)) {
            if (!COMPONENT.matcher(component).matches()) {
                return false;
            }
        }
        return true;
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static OciException invalid(String text, String why) {
        return new OciException("invalid reference format" + (why.isEmpty() ? "" : ": " + why)
                + (text.isEmpty() ? "" : ": " + Printable.asciiLine(text)));
    }

    /** The repository as users write it: without docker.io and library, where that is read as the same. */
    public String familiarName() {
        if (!registry.equals(DEFAULT_REGISTRY)) {
            return registry + "/" + repository;
        }
        String name = repository.startsWith(LIBRARY) && repository.indexOf('/', LIBRARY.length()) < 0
                ? repository.substring(LIBRARY.length())
                : repository;
        int slash = name.indexOf('/');
        return slash >= 0 && looksLikeHost(name.substring(0, slash)) ? DEFAULT_REGISTRY + "/" + name : name;
    }

    /** The shortest text that {@link #parse} reads as this, but for a tag of {@code latest}, which is written. */
    public String familiar() {
        return familiarName() + suffix();
    }

    /** The same image by its content. */
    public Reference withDigest(Digest content) {
        return new Reference(registry, repository, Optional.empty(), Optional.of(content));
    }

    /** All of it, host included. */
    @Override
    public String toString() {
        return registry + "/" + repository + suffix();
    }

    private String suffix() {
        return tag.map(text -> ":" + text).orElse("")
                + digest.map(content -> "@" + content).orElse("");
    }
}
