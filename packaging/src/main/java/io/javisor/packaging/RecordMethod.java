package io.javisor.packaging;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.Objects;

/** What {@link java.lang.runtime.ObjectMethods#bootstrap} makes for a record's {@code equals} and {@code hashCode}. */
final class RecordMethod {
    private static final ClassDesc BOOTSTRAPS = ClassDesc.of("java.lang.runtime.ObjectMethods");
    private static final ClassDesc OBJECTS = Objects.class.describeConstable().orElseThrow();
    private static final int HASH_FACTOR = 31;

    /** The record's class and its components' names. */
    private static final int ARGUMENTS_BEFORE_GETTERS = 2;

    private RecordMethod() {}

    /** Not {@code toString}, which only messages use. */
    static boolean takes(InvokeDynamicInstruction site) {
        return site.bootstrapMethod().owner().equals(BOOTSTRAPS)
                && (isEquals(site) || site.name().stringValue().equals("hashCode"));
    }

    private static boolean isEquals(InvokeDynamicInstruction site) {
        return site.name().stringValue().equals("equals");
    }

    static void write(CodeBuilder code, InvokeDynamicInstruction site) {
        List<DirectMethodHandleDesc> components = site.bootstrapArgs().stream()
                .skip(ARGUMENTS_BEFORE_GETTERS)
                .map(DirectMethodHandleDesc.class::cast)
                .toList();
        ClassDesc self = site.typeSymbol().parameterType(0);
        if (isEquals(site)) {
            writeEquals(code, self, components);
        } else {
            writeHashCode(code, self, components);
        }
    }

    private static void writeEquals(CodeBuilder code, ClassDesc self, List<DirectMethodHandleDesc> components) {
        Label unequal = code.newLabel();
        code.aload(1).instanceOf(self).ifeq(unequal);
        for (DirectMethodHandleDesc component : components) {
            ClassDesc type = component.invocationType().returnType();
            code.aload(0).getfield(self, component.methodName(), type);
            code.aload(1).checkcast(self).getfield(self, component.methodName(), type);
            switch (TypeKind.from(type)) {
                case REFERENCE ->
                    code.invokestatic(
                                    OBJECTS,
                                    "equals",
                                    MethodTypeDesc.of(
                                            ConstantDescs.CD_boolean, ConstantDescs.CD_Object, ConstantDescs.CD_Object))
                            .ifeq(unequal);
                case LONG -> code.lcmp().ifne(unequal);
                case FLOAT, DOUBLE ->
                    code.invokestatic(boxOf(type), "compare", MethodTypeDesc.of(ConstantDescs.CD_int, type, type))
                            .ifne(unequal);
                default -> code.if_icmpne(unequal);
            }
        }
        code.iconst_1().ireturn().labelBinding(unequal).iconst_0().ireturn();
    }

    private static void writeHashCode(CodeBuilder code, ClassDesc self, List<DirectMethodHandleDesc> components) {
        code.iconst_0();
        for (DirectMethodHandleDesc component : components) {
            ClassDesc type = component.invocationType().returnType();
            code.loadConstant(HASH_FACTOR).imul();
            code.aload(0).getfield(self, component.methodName(), type);
            if (type.isPrimitive()) {
                code.invokestatic(boxOf(type), "hashCode", MethodTypeDesc.of(ConstantDescs.CD_int, type));
            } else {
                code.invokestatic(
                        OBJECTS, "hashCode", MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_Object));
            }
            code.iadd();
        }
        code.ireturn();
    }

    private static ClassDesc boxOf(ClassDesc primitive) {
        return switch (TypeKind.from(primitive)) {
            case BOOLEAN -> ConstantDescs.CD_Boolean;
            case BYTE -> ConstantDescs.CD_Byte;
            case CHAR -> ConstantDescs.CD_Character;
            case SHORT -> ConstantDescs.CD_Short;
            case INT -> ConstantDescs.CD_Integer;
            case LONG -> ConstantDescs.CD_Long;
            case FLOAT -> ConstantDescs.CD_Float;
            case DOUBLE -> ConstantDescs.CD_Double;
            case REFERENCE, VOID -> throw new IllegalArgumentException(primitive.descriptorString());
        };
    }
}
