package io.javisor.core.memory;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * What guest memory is made of on the host, as {@code --memory-backing} gives it.
 *
 * @param kind where the pages come from
 * @param thp transparent huge pages
 * @param ksm whether the host may merge equal pages of several guests
 * @param prefault whether every page is taken at start instead of at its first use
 */
public record MemoryBackingConfig(Kind kind, Thp thp, boolean ksm, boolean prefault) {
    /** Where the pages come from. */
    public enum Kind {
        /** Private anonymous memory. */
        ANON,
        /** A memory file without a name: other processes can share it through its descriptor. */
        MEMFD,
        /** Pages of 2 MiB that the administrator has set aside. */
        HUGETLB
    }

    /** Transparent huge pages. */
    public enum Thp {
        /** Asked for where they make sense and the host has them. */
        AUTO,
        /** Demanded: an error where the host refuses them. */
        ON,
        /** Forbidden. */
        OFF
    }

    /** Anonymous memory with transparent huge pages where the host has them. */
    public static final MemoryBackingConfig DEFAULT = new MemoryBackingConfig(Kind.ANON, Thp.AUTO, false, false);

    /** The text form, for messages and help. */
    public static final String SYNTAX = "anon|memfd|hugetlb[,thp=on|off][,ksm=on|off][,prefault=on|off]";

    /** Refuses what contradicts itself, with an {@link IllegalArgumentException} that says why. */
    public MemoryBackingConfig {
        if (ksm && kind != Kind.ANON) {
            throw new IllegalArgumentException("memory backing " + name(kind)
                    + " with ksm: the host merges equal pages of private anonymous memory only; use anon,ksm");
        }
        if (ksm && prefault) {
            throw new IllegalArgumentException(
                    "memory backing with ksm and prefault: prefault takes every page at the start,"
                            + " which is what ksm is there to save; choose one");
        }
        if (thp == Thp.ON && kind == Kind.HUGETLB) {
            throw new IllegalArgumentException(
                    "memory backing hugetlb with thp: hugetlb memory is made of huge pages already; leave thp out");
        }
    }

    /**
     * Reads the text form, {@value #SYNTAX}; an option without a value is on.
     *
     * @throws IllegalArgumentException if the text is not of that form or contradicts itself; the message says what to change
     */
    public static MemoryBackingConfig parse(String text) {
        String[] parts = text.split(",", -1);
        Kind kind = parseKind(parts[0]);
        Thp thp = Thp.AUTO;
        boolean ksm = false;
        boolean prefault = false;
        Set<String> seen = new HashSet<>();
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i];
            int equals = part.indexOf('=');
            String key = equals < 0 ? part : part.substring(0, equals);
            boolean on = equals < 0 || parseSwitch(part, part.substring(equals + 1));
            if (!seen.add(key)) {
                throw new IllegalArgumentException("memory backing: " + key + " is given twice");
            }
            switch (key) {
                case "thp" -> thp = on ? Thp.ON : Thp.OFF;
                case "ksm" -> ksm = on;
                case "prefault" -> prefault = on;
                default ->
                    throw new IllegalArgumentException(
                            "memory backing: unknown option \"" + key + "\"; the form is " + SYNTAX);
            }
        }
        return new MemoryBackingConfig(kind, thp, ksm, prefault);
    }

    private static Kind parseKind(String text) {
        return switch (text) {
            case "anon" -> Kind.ANON;
            case "memfd" -> Kind.MEMFD;
            case "hugetlb" -> Kind.HUGETLB;
            default ->
                throw new IllegalArgumentException(
                        "memory backing: \"" + text + "\" is not a kind; the form is " + SYNTAX);
        };
    }

    private static boolean parseSwitch(String part, String value) {
        return switch (value) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new IllegalArgumentException("memory backing: \"" + part + "\": the value is on or off");
        };
    }

    private static String name(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** The text form; {@link #parse} reads it back to an equal value. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name(kind));
        if (thp != Thp.AUTO) {
            text.append(thp == Thp.ON ? ",thp=on" : ",thp=off");
        }
        if (ksm) {
            text.append(",ksm=on");
        }
        if (prefault) {
            text.append(",prefault=on");
        }
        return text.toString();
    }
}
