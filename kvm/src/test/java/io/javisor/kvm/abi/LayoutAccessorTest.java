package io.javisor.kvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every pair of accessors reads and writes its own field: the bytes from the offset that the golden file pins, and no others. */
class LayoutAccessorTest {
    /** Where an element starts in the test's segment: neither zero nor aligned. */
    private static final long ELEMENT = 3;

    @Test
    void aSetterWritesFromItsOffsetAndItsGetterReadsItBack() throws Exception {
        int pairs = 0;
        for (Class<?> layout : GoldenAbiTest.ABI.layouts()) {
            for (Method setter : layout.getMethods()) {
                List<Class<?>> parameters = List.of(setter.getParameterTypes());
                if (!setter.getName().startsWith("set") || setter.getName().equals("setRegister")) {
                    continue;
                }
                String name = setter.getName().substring(3);
                Class<?>[] getterParameters =
                        parameters.subList(0, parameters.size() - 1).toArray(Class<?>[]::new);
                Method getter = layout.getMethod(
                        name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1), getterParameters);
                check(layout, setter, getter);
                pairs++;
            }
        }
        assertTrue(pairs > 240, pairs + " pairs");
    }

    private static void check(Class<?> layout, Method setter, Method getter) throws Exception {
        String constant =
                setter.getName().substring(3).replaceAll("(?<!^)(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
        long offset = layout.getField(constant + "_OFFSET").getInt(null);
        boolean element = getter.getParameterCount() > 1 && getter.getParameterTypes()[1] == long.class;
        MemorySegment m = MemorySegment.ofArray(new byte[8192]);
        List<Object> arguments = new ArrayList<>(List.of(m));
        if (element) {
            arguments.add(ELEMENT);
            offset += ELEMENT;
        }
        if (getter.getParameterTypes()[getter.getParameterCount() - 1] == int.class) {
            arguments.add(0);
        }
        assertEquals(0L, ((Number) getter.invoke(null, arguments.toArray())).longValue(), getter::toString);
        boolean wide = getter.getReturnType() == long.class;
        Object ones = -1;
        if (wide) {
            ones = -1L;
        }
        List<Object> withValue = new ArrayList<>(arguments);
        withValue.add(ones);
        setter.invoke(null, withValue.toArray());

        Set<Long> written = new HashSet<>();
        for (long i = 0; i < m.byteSize(); i++) {
            if (m.get(ValueLayout.JAVA_BYTE, i) != 0) {
                written.add(i);
            }
        }
        int width = written.size();
        assertTrue(wide ? width == 8 : width == 1 || width == 2 || width == 4, () -> setter + " writes " + width);
        for (long i = offset; i < offset + width; i++) {
            assertTrue(written.contains(i), setter::toString);
        }
        long read = ((Number) getter.invoke(null, arguments.toArray())).longValue();
        long unsigned = width == 8 || width == 4 ? -1 : (1L << (8 * width)) - 1;
        assertTrue(read == unsigned || read == -1, () -> getter + " reads " + read);
    }

    @Test
    void immediateExitIsOneByte() {
        MemorySegment m = MemorySegment.ofArray(new byte[KvmRunLayout.SIZE]);
        KvmRunLayout.setImmediateExit(m, 1);
        assertEquals(1, KvmRunLayout.immediateExit(m));
        assertEquals(1, m.get(ValueLayout.JAVA_BYTE, 1));
        KvmRunLayout.setImmediateExit(m, 0);
        assertEquals(-1, m.mismatch(MemorySegment.ofArray(new byte[KvmRunLayout.SIZE])));
    }

    @Test
    void anExitHasItsName() {
        assertEquals("KVM_EXIT_INTERNAL_ERROR", KvmExit.name(17));
        assertEquals("exit reason 4711", KvmExit.name(4711));
    }
}
