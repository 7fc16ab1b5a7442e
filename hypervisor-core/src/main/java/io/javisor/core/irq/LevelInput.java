package io.javisor.core.irq;

/** A level-triggered input of the interrupt chips, asserted while any of its lines is. Any thread. */
public final class LevelInput {
    /** The chips' end of it. */
    @FunctionalInterface
    public interface Pin {
        /** Sets the level. Called under the lock of the input, so that the last change is the last at the chips too. */
        void set(boolean asserted);
    }

    private final Pin pin;
    private int asserting; // guarded by this

    public LevelInput(Pin pin) {
        this.pin = pin;
    }

    /** A line to it, lowered. */
    public ConnectedLine connect() {
        return new Line();
    }

    private final class Line implements ConnectedLine {
        private boolean asserted; // guarded by the input

        @Override
        public void raise() {
            set(true);
        }

        @Override
        public void lower() {
            set(false);
        }

        /** A change that the chips refuse by an exception is none. */
        @Override
        public void set(boolean level) {
            synchronized (LevelInput.this) {
                if (asserted != level) {
                    int next = asserting + (level ? 1 : -1);
                    if (next == (level ? 1 : 0)) {
                        pin.set(level);
                    }
                    asserting = next;
                    asserted = level;
                }
            }
        }

        @Override
        public void close() {
            lower();
        }
    }
}
