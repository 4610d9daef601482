using System.Runtime.CompilerServices;

namespace Cria.Tensors;

/// <summary>What a tile does with each term of a sum, and with the sum: one kernel for floats and for integers.</summary>
internal interface ITerms
{
    /// <summary>Lines of scales that stand before the steps of each part of a panel.</summary>
    static abstract int HeadLines { get; }

    /// <summary>Numbers that one step of a panel takes in each lane.</summary>
    static abstract int TermsPerStep { get; }

    /// <summary>One step: <paramref name="sum"/> + the products of a and b.</summary>
    static abstract TVector Add<TLanes, TVector>(TVector a, TVector b, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>Stores or adds the sums of a part to two vectors of a row.</summary>
    static abstract void Put<TLanes, TVector>(
        TVector left, TVector right, ref float aHead, nuint aStride, ref float bHead, ref float row, bool add)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}

/// <summary>Sums of floats.</summary>
internal readonly struct FloatTerms : ITerms
{
    public static int HeadLines => 0;

    public static int TermsPerStep => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TLanes, TVector>(TVector a, TVector b, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.MultiplyAdd(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<TLanes, TVector>(
        TVector left, TVector right, ref float aHead, nuint aStride, ref float bHead, ref float row, bool add)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        nuint width = (nuint)TLanes.Count;
        if (add)
        {
            left = TLanes.Add(left, TLanes.Load(ref row, 0));
            right = TLanes.Add(right, TLanes.Load(ref row, width));
        }
        TLanes.Store(left, ref row, 0);
        TLanes.Store(right, ref row, width);
    }
}

/// <summary>How pairs of products of 16-bit integers are added: a type, so that the question is not asked in every step.</summary>
internal interface IPairs
{
    static abstract TVector Add<TLanes, TVector>(TVector a, TVector b, TVector sums)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}

/// <summary>Multiplied, then added.</summary>
internal readonly struct Pairs : IPairs
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TLanes, TVector>(TVector a, TVector b, TVector sums)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.DotPairs(a, b, sums);
}

/// <summary>Both in one instruction.</summary>
internal readonly struct FusedPairs : IPairs
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TLanes, TVector>(TVector a, TVector b, TVector sums)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TLanes.DotPairsFused(a, b, sums);
}

/// <summary>Sums of products of 16-bit integers, exact within a part; each part has a scale for every row and every column.</summary>
internal readonly struct IntegerTerms<TPairs> : ITerms
    where TPairs : struct, IPairs
{
    public static int HeadLines => 1;

    public static int TermsPerStep => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TLanes, TVector>(TVector a, TVector b, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TPairs.Add<TLanes, TVector>(a, b, sum);

    // c = s · d · sum, or c += it
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<TLanes, TVector>(
        TVector left, TVector right, ref float aHead, nuint aStride, ref float bHead, ref float row, bool add)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        nuint width = (nuint)TLanes.Count;
        var scale = TLanes.Splat(aHead);
        var (first, second) = (TLanes.Multiply(scale, TLanes.Load(ref bHead, 0)), TLanes.Multiply(scale, TLanes.Load(ref bHead, width)));
        (left, right) = (TLanes.FromIntegers(left), TLanes.FromIntegers(right));
        TLanes.Store(add ? TLanes.MultiplyAdd(left, first, TLanes.Load(ref row, 0)) : TLanes.Multiply(left, first), ref row, 0);
        TLanes.Store(add ? TLanes.MultiplyAdd(right, second, TLanes.Load(ref row, width)) : TLanes.Multiply(right, second), ref row, width);
    }
}

/// <summary>The same for weights d·q + e: each part also adds e · Σ of the activations of the part.</summary>
internal readonly struct OffsetTerms<TPairs> : ITerms
    where TPairs : struct, IPairs
{
    public static int HeadLines => 2;

    public static int TermsPerStep => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Add<TLanes, TVector>(TVector a, TVector b, TVector sum)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => TPairs.Add<TLanes, TVector>(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<TLanes, TVector>(
        TVector left, TVector right, ref float aHead, nuint aStride, ref float bHead, ref float row, bool add)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        IntegerTerms<TPairs>.Put<TLanes, TVector>(left, right, ref aHead, aStride, ref bHead, ref row, add);
        nuint width = (nuint)TLanes.Count;
        var sum = TLanes.Splat(Unsafe.Add(ref aHead, aStride));
        TLanes.Store(TLanes.MultiplyAdd(sum, TLanes.Load(ref bHead, 2 * width), TLanes.Load(ref row, 0)), ref row, 0);
        TLanes.Store(TLanes.MultiplyAdd(sum, TLanes.Load(ref bHead, 3 * width), TLanes.Load(ref row, width)), ref row, width);
    }
}
