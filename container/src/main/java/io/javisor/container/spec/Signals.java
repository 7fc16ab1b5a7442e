package io.javisor.container.spec;

import io.javisor.machine.config.ConfigException;
import java.util.List;
import java.util.Locale;

/** Linux's signals by their names, on x86 (signal(7)). */
public final class Signals {
    private static final List<String> NAMES = List.of(
            "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
            "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
            "PROF", "WINCH", "IO", "PWR", "SYS");
    private static final int MAX = 64;
    private static final int RTMIN = 34;

    private Signals() {}

    /**
     * The number of a signal.
     *
     * @param text a name, with SIG before it or not, or a number from 1 to 64
     * @throws ConfigException if it is none
     */
    public static int number(String text) {
        if (text.matches("[0-9]{1,2}")) {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= MAX) {
                return number;
            }
            throw invalid(text);
        }
        String name = text.toUpperCase(Locale.ROOT);
        name = name.startsWith("SIG") ? name.substring("SIG".length()) : name;
        int number = NAMES.indexOf(name);
        return number > 0
                ? number
                : switch (name) {
                    case "IOT" -> 6;
                    case "CLD" -> 17;
                    case "POLL" -> 29;
                    case "RTMIN" -> RTMIN;
                    case "RTMAX" -> MAX;
                    default -> realTime(text, name);
                };
    }

    private static int realTime(String text, String name) {
        if (name.matches("RTMIN\\+[0-9]{1,2}")) {
            int number = RTMIN + Integer.parseInt(name.substring("RTMIN+".length()));
            if (number <= MAX) {
                return number;
            }
        } else if (name.matches("RTMAX-[0-9]{1,2}")) {
            int number = MAX - Integer.parseInt(name.substring("RTMAX-".length()));
            if (number >= RTMIN) {
                return number;
            }
        }
        throw invalid(text);
    }

    private static ConfigException invalid(String text) {
        return new ConfigException("invalid signal: " + ContainerOptions.quoted(text));
    }
}
