package io.javisor.machine.config;

import java.util.Map;
import java.util.Set;

/**
 * A memory balloon.
 *
 * @param sizeBytes how much of its memory the guest is asked to give back at first: a multiple of 4 KiB
 * @param freePageReporting whether the guest tells of memory that it does not use, which goes back to the host
 * @param deflateOnOom whether the guest may take memory back when it has no other
 * @param statisticsSeconds how often the guest is asked for its memory's statistics, 0 for never
 */
public record BalloonConfig(long sizeBytes, boolean freePageReporting, boolean deflateOnOom, int statisticsSeconds)
        implements VirtioDeviceConfig {
    /** What {@link #parse} takes. */
    public static final String SYNTAX =
            "on[,size=SIZE][,free-page-reporting=on|off][,deflate-on-oom=on|off][,stats=SECONDS]";

    /** Empty, without statistics: what the guest does not use goes back to the host, by free page reporting. */
    public static final BalloonConfig DEFAULT = new BalloonConfig(0, true, true, 0);

    /** The longest time between two statistics. */
    public static final int MAX_STATISTICS_SECONDS = 65_535;

    private static final String SIZE = "size";
    private static final String REPORTING = "free-page-reporting";
    private static final String DEFLATE = "deflate-on-oom";
    private static final String STATISTICS = "stats";
    private static final Set<String> KEYS = Set.of("on", SIZE, REPORTING, DEFLATE, STATISTICS);

    /** @throws ConfigException if one is out of range */
    public BalloonConfig {
        if (sizeBytes < 0 || sizeBytes % MemorySize.PAGE_SIZE != 0) {
            throw new ConfigException("a balloon of " + sizeBytes + " bytes is not a multiple of 4K");
        }
        if (statisticsSeconds < 0 || statisticsSeconds > MAX_STATISTICS_SECONDS) {
            throw new ConfigException("a balloon's statistics come every 0 to " + MAX_STATISTICS_SECONDS
                    + " seconds, not every " + statisticsSeconds);
        }
    }

    /**
     * Reads one as the command line has it.
     *
     * @throws IllegalArgumentException if it is not {@link #SYNTAX}
     * @throws ConfigException if a value is out of range
     */
    public static BalloonConfig parse(String text) {
        Map<String, String> words = OptionWords.parse(text, "on", KEYS);
        if (text.isEmpty() || !words.getOrDefault("on", "").isEmpty()) {
            throw new IllegalArgumentException("'" + text + "' is none of off, " + SYNTAX);
        }
        String size = words.get(SIZE);
        return new BalloonConfig(
                size == null || size.equals("0") ? 0 : MemorySize.parse(size),
                isOn(words, REPORTING),
                isOn(words, DEFLATE),
                seconds(words.getOrDefault(STATISTICS, "0")));
    }

    private static boolean isOn(Map<String, String> words, String key) {
        String value = words.getOrDefault(key, "on");
        if (!value.equals("on") && !value.equals("off")) {
            throw new IllegalArgumentException(key + "='" + value + "' is neither on nor off");
        }
        return value.equals("on");
    }

    private static int seconds(String text) {
        try {
            int seconds = Integer.parseInt(text);
            if (seconds >= 0 && seconds <= MAX_STATISTICS_SECONDS) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                STATISTICS + "='" + text + "' is not a number of seconds, 0 to " + MAX_STATISTICS_SECONDS);
    }

    @Override
    public String kind() {
        return "balloon";
    }

    @Override
    public boolean isSingle() {
        return true;
    }

    @Override
    public void requireFits(long memoryBytes) {
        requireSize(sizeBytes, memoryBytes);
    }

    @Override
    public String description() {
        return "virtio memory balloon: " + this;
    }

    /** As {@link #parse} takes it, without what is as it always is. */
    @Override
    public String toString() {
        return "on" + (sizeBytes == 0 ? "" : "," + SIZE + "=" + MemorySize.exact(sizeBytes))
                + (freePageReporting ? "" : "," + REPORTING + "=off")
                + (deflateOnOom ? "" : "," + DEFLATE + "=off")
                + (statisticsSeconds == 0 ? "" : "," + STATISTICS + "=" + statisticsSeconds);
    }

    /** Throws a {@link ConfigException} unless the balloon of a machine with that memory can have that size. */
    public static void requireSize(long sizeBytes, long memoryBytes) {
        if (sizeBytes < 0 || sizeBytes > memoryBytes || sizeBytes % MemorySize.PAGE_SIZE != 0) {
            throw new ConfigException("a balloon of " + sizeBytes + " bytes in " + MemorySize.format(memoryBytes)
                    + " of memory: it has a multiple of 4K, and no more than there is");
        }
    }
}
