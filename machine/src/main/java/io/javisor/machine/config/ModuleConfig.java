package io.javisor.machine.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A file that a Multiboot kernel gets beside its initrd.
 *
 * @param path the file
 * @param args what the kernel is told after the path; empty for nothing
 */
public record ModuleConfig(Path path, String args) {
    /** What {@link #parse} takes. */
    public static final String SYNTAX = "[path=]FILE[,args=TEXT]";

    private static final Set<String> KEYS = Set.of("path", "args");

    /**
     * Reads one as the command line has it.
     *
     * @throws IllegalArgumentException if it is not {@link #SYNTAX}
     */
    public static ModuleConfig parse(String text) {
        Map<String, String> words = OptionWords.parse(text, "path", KEYS);
        String path = words.getOrDefault("path", "");
        if (path.isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' lacks the module's path: write " + SYNTAX);
        }
        return new ModuleConfig(Path.of(path), words.getOrDefault("args", ""));
    }

    /** The same module at another path. */
    public ModuleConfig at(Path other) {
        return new ModuleConfig(other, args);
    }

    /** As {@link #parse} takes it. */
    @Override
    public String toString() {
        String file = path.toString().replace(",", ",,");
        return args.isEmpty() ? file : file + ",args=" + args.replace(",", ",,");
    }
}
