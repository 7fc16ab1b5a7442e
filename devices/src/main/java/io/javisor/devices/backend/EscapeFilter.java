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
 * <tr><td>b</td><td>{@link Actions#breaks sends a break} (Linux: magic SysRq)</td></tr>
 * <tr><td>a, Ctrl-A</td><td>sends Ctrl-A itself</td></tr>
 * <tr><td>any other, or one that does nothing here</td><td>sends Ctrl-A and the key, as if there were no escape key</td></tr>
 * </table>
 */
public final class EscapeFilter implements ConsoleInputFilter {
    /** Ctrl-A. */
    public static final int ESCAPE = 0x01;

    /** What escapes ask for. Each returns whether its key means that here. Called on the thread that reads the input. */
    public interface Actions {
        /** The user ends the machine. */
        default boolean powerOff() {
            return false;
        }

        /** The user asks the guest to shut down. */
        default boolean powerButton() {
            return false;
        }

        /** The user leaves, and the machine is to go on. */
        default boolean detach() {
            return false;
        }

        /** The user wants the list of escapes. */
        default boolean help() {
            return false;
        }

        /** The user sends a break: the filter does, if the line can take one. */
        default boolean breaks() {
            return false;
        }
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
        if (value == 'a' || value == ESCAPE) {
            guest.accept(ESCAPE);
        } else if (value == 'b' && actions.breaks()) {
            guest.accept(SerialBackend.BREAK);
        } else if (!act(value)) {
            guest.accept(ESCAPE);
            guest.accept(value);
        }
    }

    private boolean act(int key) {
        return switch (key) {
            case 'x' -> actions.powerOff();
            case 'p' -> actions.powerButton();
            case 'd' -> actions.detach();
            case 'h', '?' -> actions.help();
            default -> false;
        };
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
