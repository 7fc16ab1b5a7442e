package io.javisor.devices.backend;

/**
 * The console's escape key, Ctrl-A:
 *
 * <table>
 * <caption>What follows Ctrl-A</caption>
 * <tr><th>key</th><th>does</th></tr>
 * <tr><td>x</td><td>{@link Actions#powerOff}</td></tr>
 * <tr><td>p</td><td>{@link Actions#powerButton}</td></tr>
 * <tr><td>d</td><td>{@link Actions#detach}</td></tr>
 * <tr><td>h, ?</td><td>{@link Actions#help}</td></tr>
 * <tr><td>b</td><td>sends a break (Linux: magic SysRq)</td></tr>
 * <tr><td>a, Ctrl-A</td><td>sends Ctrl-A itself</td></tr>
 * <tr><td>any other</td><td>sends Ctrl-A and the key, as if there were no escape key</td></tr>
 * </table>
 */
public final class EscapeFilter implements ConsoleInputFilter {
    /** Ctrl-A. */
    public static final int ESCAPE = 0x01;

    /** What escapes ask for. Called on the thread that reads the input. */
    public interface Actions {
        /** The user ends the machine. */
        void powerOff();

        /** The user asks the guest to shut down. */
        void powerButton();

        /** The user leaves, and the machine is to go on. */
        void detach();

        /** The user wants the list of escapes. */
        void help();
    }

    private final Actions actions;
    private boolean escaped;

    public EscapeFilter(Actions actions) {
        this.actions = actions;
    }

    @Override
    public void filter(int value, Guest guest) {
        if (!escaped) {
            if (value == ESCAPE) {
                escaped = true;
            } else {
                guest.accept(value);
            }
            return;
        }
        escaped = false;
        switch (value) {
            case 'x' -> actions.powerOff();
            case 'p' -> actions.powerButton();
            case 'd' -> actions.detach();
            case 'h', '?' -> actions.help();
            case 'b' -> guest.accept(SerialBackend.BREAK);
            case 'a', ESCAPE -> guest.accept(ESCAPE);
            default -> {
                guest.accept(ESCAPE);
                guest.accept(value);
            }
        }
    }

    /** An escape key that nothing followed was meant for the guest. */
    @Override
    public void end(Guest guest) {
        if (escaped) {
            escaped = false;
            guest.accept(ESCAPE);
        }
    }
}
