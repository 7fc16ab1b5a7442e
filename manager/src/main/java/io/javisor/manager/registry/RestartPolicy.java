package io.javisor.manager.registry;

/**
 * When a machine that has ended is started again. One that its user ended never is.
 *
 * @param kind when
 * @param limit how often in a row at most, for {@link Kind#ON_FAILURE}; 0 for no limit
 */
public record RestartPolicy(Kind kind, int limit) {
    /** What {@link #parse} takes. */
    public static final String SYNTAX = "no|on-failure[:N]|always|unless-stopped";

    private static final long FIRST_DELAY_MILLIS = 100;
    private static final long MAX_DELAY_MILLIS = 60_000;
    private static final int MAX_DOUBLINGS = 20;

    /** Never. */
    public static final RestartPolicy NO = new RestartPolicy(Kind.NO, 0);

    /** When. */
    public enum Kind {
        NO("no"),
        ON_FAILURE("on-failure"),
        ALWAYS("always"),
        /** As {@link #ALWAYS}: what its user ended stays ended by either, for nothing is started with the host. */
        UNLESS_STOPPED("unless-stopped");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /**
     * Reads one as the command line has it.
     *
     * @throws IllegalArgumentException if it is not {@link #SYNTAX}
     */
    public static RestartPolicy parse(String text) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        if (colon >= 0 && !kind.equals(Kind.ON_FAILURE.text)) {
            throw new IllegalArgumentException("'" + text + "' is not " + SYNTAX);
        }
        return switch (kind) {
            case "no" -> NO;
            case "always" -> new RestartPolicy(Kind.ALWAYS, 0);
            case "unless-stopped" -> new RestartPolicy(Kind.UNLESS_STOPPED, 0);
            case "on-failure" -> new RestartPolicy(Kind.ON_FAILURE, colon < 0 ? 0 : limit(text, colon + 1));
            default -> throw new IllegalArgumentException("'" + text + "' is not " + SYNTAX);
        };
    }

    private static int limit(String text, int start) {
        String digits = text.substring(start);
        if (!digits.matches("[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException("'" + text + "': how often is a number from 1 on");
        }
        return Integer.parseInt(digits);
    }

    /**
     * Whether to start again.
     *
     * @param failed whether the last run ended with another status than 0
     * @param restarts how often it was started again in a row so far
     */
    public boolean restarts(boolean failed, int restarts) {
        return switch (kind) {
            case NO -> false;
            case ALWAYS, UNLESS_STOPPED -> true;
            case ON_FAILURE -> failed && (limit == 0 || restarts < limit);
        };
    }

    /**
     * How long to wait before a start, in milliseconds: 100 before the first start again, and twice as long before each further one, up to a minute.
     *
     * @param restarts how often in a row it is started again by then, this time included; 0 for no wait
     */
    public static long delayMillis(int restarts) {
        return restarts <= 0
                ? 0
                : Math.min(MAX_DELAY_MILLIS, FIRST_DELAY_MILLIS << Math.min(MAX_DOUBLINGS, restarts - 1));
    }

    @Override
    public String toString() {
        return limit == 0 ? kind.text : kind.text + ":" + limit;
    }
}
