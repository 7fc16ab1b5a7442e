package io.javisor.emulator.cpu;

import io.javisor.core.cpu.Bytes;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Changes a state here and there, as a snapshot's file might be changed. */
final class StateMutator {
    private static final int ONE_OF = 40;

    private final SplittableRandom random;

    StateMutator(long seed) {
        random = new SplittableRandom(seed);
    }

    /**
     * A copy with some values changed.
     *
     * @throws IllegalArgumentException if the record refuses them
     */
    <R extends Record> R change(R state) {
        RecordComponent[] components = state.getClass().getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        @Nullable Object[] values = new Object[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                values[i] = changeAny(components[i].getAccessor().invoke(state));
            }
            @SuppressWarnings("unchecked") // of the state's own class
            R changed = (R) state.getClass().getDeclaredConstructor(types).newInstance(values);
            return changed;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refusal) {
                throw refusal;
            }
            throw new AssertionError(e);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private @Nullable Object changeAny(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case Record record -> change(record);
            case Bytes bytes -> changeBytes(bytes);
            case List<?> list -> {
                List<@Nullable Object> changed = new ArrayList<>();
                list.forEach(each -> changed.add(changeAny(each)));
                yield changed;
            }
            case Long number when hit() -> changeNumber(number);
            case Integer number when hit() -> (int) changeNumber(number);
            case Boolean flag when hit() -> !flag;
            case Enum<?> constant
            when hit() -> {
                Object[] all = constant.getDeclaringClass().getEnumConstants();
                yield all[random.nextInt(all.length)];
            }
            default -> value;
        };
    }

    private boolean hit() {
        return random.nextInt(ONE_OF) == 0;
    }

    private long changeNumber(long number) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> random.nextLong();
            case 3 -> number + random.nextInt(-2, 3);
            default -> number ^ 1L << random.nextInt(64);
        };
    }

    private Bytes changeBytes(Bytes bytes) {
        if (bytes.length() == 0 || random.nextInt(2) == 0) {
            return bytes;
        }
        byte[] changed = bytes.toArray();
        for (int i = random.nextInt(20); i >= 0; i--) {
            changed[random.nextInt(changed.length)] = (byte) random.nextInt();
        }
        return Bytes.of(changed);
    }
}
